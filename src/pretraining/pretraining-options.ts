import { totalmem } from 'node:os';
import { checkOptions } from '../check-options.js';
import { SoftpromptError } from '../errors.js';
import type { ModelConfig } from '../network/checkpoint/config.js';
import { expectedWeights } from '../network/checkpoint/expected-weights.js';
import type { EncoderConfig } from '../network/families/encoder.js';
import type { LlamaConfig } from '../network/families/llama-config.js';
import {
  choice,
  count,
  endless,
  fromZero,
  positive,
  positiveShareBelowOne,
  seedNumber,
  shareBelowOne,
  text,
  texts,
  toggle,
} from '../options/kind.js';
import { declareOptions, type Given } from '../options/option.js';
import { settle } from '../options/settle.js';
import { THREADS } from '../runtime/runtime-options.js';
import { DECAYS, type Decay } from '../training/schedule.js';
import { BERT_MASK_SHARE } from './objective.js';

/** Where neither people nor a model to continue from say otherwise. */
const USUAL = { vocabulary: 8192, width: 256, layers: 7, context: 512, headSize: 64, feedForward: 2.75 } as const;

/** Families that are pretrained from nothing. */
const PRETRAINED = ['llama', 'bert'] as const;

/** Everything a user can say about a pretraining. */
export const PRETRAINING = declareOptions({
  data: {
    kind: texts('<file>'),
    about: 'text, .gz too, such as zh=wiki.txt.gz:2 (language, share); repeatable',
    required: 'a text file',
  },
  encoding: {
    kind: text('<name>'),
    about: 'encoding of the texts, such as gb18030',
    auto: 'utf-8; UTF-16 is recognised',
  },
  out: { kind: text('<folder>'), about: 'where the model goes', required: 'a folder for the model' },
  overwrite: { kind: toggle, about: 'discard a run or model that is already there' },
  family: {
    kind: choice('<name>', PRETRAINED),
    about: 'llama: predicts the next word; bert: predicts masked words, from both sides',
    auto: 'llama, or that of the model to continue from',
  },
  init: { kind: text('<model>'), about: 'continue from a model folder: its weights, shape and tokenizer' },
  tokenizer: { kind: text('<file>'), about: 'a tokenizer.json', auto: 'learned from the data' },
  vocabulary: {
    kind: count(1_000_000),
    about: 'tokens of the tokenizer that is learned, at least 257',
    auto: `${USUAL.vocabulary}`,
  },
  width: { kind: count(65_536), about: 'numbers a token', auto: `${USUAL.width}` },
  layers: { kind: count(128), about: 'layers of the model', auto: `${USUAL.layers}` },
  heads: { kind: count(1024), about: 'attention heads', auto: `one for each ${USUAL.headSize} of the width` },
  feedForward: {
    kind: count(1_048_576),
    about: 'width inside the feed-forward block',
    auto: `${USUAL.feedForward} times the width`,
  },
  context: { kind: count(1_048_576), about: 'positions of the model', auto: `${USUAL.context}` },
  length: { kind: count(1_048_576), about: 'tokens of a training window', auto: 'the context' },
  maxSteps: { kind: count(), about: 'updates, rounded up to a multiple of those between validations', default: 1000 },
  batchTokens: { kind: count(1_048_576), about: 'tokens an update, rounded to whole windows', default: 4096 },
  learningRate: { kind: positive('<rate>'), about: 'learning rate', flag: 'lr', default: 0.002 },
  warmUp: { kind: shareBelowOne, about: 'share of the steps in which the rate rises', default: 0.02 },
  decay: { kind: choice('<kind>', DECAYS), about: 'how the rate falls', default: 'cosine' },
  weightDecay: { kind: fromZero(), about: "AdamW's decoupled weight decay, of matrices", default: 0.1 },
  clipNorm: { kind: endless(positive('<norm>')), about: 'longest gradient', flag: 'clip', default: 1 },
  maskShare: {
    kind: positiveShareBelowOne,
    about: 'share of the tokens that a masked model predicts at once',
    auto: `${BERT_MASK_SHARE}`,
  },
  evaluateEvery: {
    kind: { ...count(), sign: '<steps>' },
    about: 'updates between validations; the state is saved at each',
    auto: 'a twentieth of the run',
  },
  validShare: { kind: positiveShareBelowOne, about: 'share of the documents that validate', default: 0.005 },
  validTokens: { kind: count(), about: 'tokens of each language that validate', default: 16_384 },
  cues: {
    kind: texts('<words>'),
    about: 'the token behind these words, such as `Verdict:`, counts more in training; repeatable',
    flag: 'cue',
  },
  cueWeight: { kind: positive(), about: 'how many times more', default: 10 },
  seed: { kind: seedNumber, about: 'where all random choices start', default: 0 },
  ...THREADS,
});

export type PretrainingOptions = Given<typeof PRETRAINING>;

/** `PretrainingOptions` with every default filled in. */
export interface PretrainingSettings {
  readonly vocabulary: number;
  readonly shape: Omit<ModelConfig, 'vocabularySize'>;
  readonly length: number;
  /** Windows an update. */
  readonly batchSize: number;
  readonly steps: number;
  readonly evaluateEvery: number;
  readonly validShare: number;
  readonly maskShare: number | undefined;
  readonly validTokens: number;
  readonly cueWeight: number;
  readonly training: {
    readonly learningRate: number;
    readonly warmUp: number;
    readonly decay: Decay;
    readonly weightDecay: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    readonly clipNorm: number;
    readonly seed: number;
  };
}

/**
 * Fills in defaults and checks the whole before anything is read.
 * @param init shape of the model to continue from
 * @throws TUNING_SETTING
 */
export function pretrainingSettings(options: PretrainingOptions, init?: ModelConfig): PretrainingSettings {
  checkOrigin(options);
  const plan = settle(PRETRAINING, options, 'TUNING_SETTING');
  const { width = USUAL.width, layers = USUAL.layers, context = USUAL.context, vocabulary = USUAL.vocabulary } = plan;
  const heads = plan.heads ?? Math.max(1, Math.round(width / USUAL.headSize));
  const sizes = {
    hiddenSize: width,
    intermediateSize: plan.feedForward ?? Math.round(USUAL.feedForward * width),
    ...{ layers, heads, keyValueHeads: heads, headSize: width / heads },
    maxPositions: context,
  };
  const shape: PretrainingSettings['shape'] = init ?? (plan.family === 'bert' ? bertOf(sizes) : llamaOf(sizes));
  const { maxSteps, batchTokens, validShare, validTokens, cueWeight, maskShare, length = shape.maxPositions } = plan;
  const evaluateEvery = Math.min(plan.evaluateEvery ?? Math.ceil(maxSteps / 20), maxSteps);
  const { learningRate, warmUp, decay, weightDecay, clipNorm, seed } = plan;
  const training = {
    ...{ learningRate, warmUp, decay, weightDecay, clipNorm, seed },
    ...{ beta1: 0.9, beta2: 0.95, epsilon: 1e-8 },
  };
  checkOptions(
    [
      ['data', options.data.length, options.data.length > 0, 'at least one text file'],
      ['vocabulary', vocabulary, vocabulary >= 257, 'at least 257: all bytes and an end mark'],
      [
        'heads',
        heads,
        Number.isInteger(shape.headSize) && shape.headSize % 2 === 0,
        'heads of an even size that fill the width',
      ],
      ['context', shape.maxPositions, shape.maxPositions >= 8, 'at least 8 positions'],
      ['length', length, length >= 8 && length <= shape.maxPositions, '8 to the context'],
      ['batchTokens', batchTokens, batchTokens >= length, 'one window to 1048576'],
      [
        'maskShare',
        maskShare,
        maskShare === undefined || shape.family === 'bert',
        'none with --family llama, which predicts every next token',
      ],
      ['cues', options.cues?.find((cue) => cue === ''), !options.cues?.includes(''), 'words'],
    ],
    'TUNING_SETTING',
  );
  if (init === undefined) checkMemory({ ...shape, vocabularySize: vocabulary });
  return {
    vocabulary,
    shape,
    length,
    batchSize: Math.round(batchTokens / length),
    steps: Math.ceil(maxSteps / evaluateEvery) * evaluateEvery,
    evaluateEvery,
    validShare,
    validTokens,
    cueWeight,
    maskShare,
    training,
  };
}

type Sizes = Pick<
  ModelConfig,
  'hiddenSize' | 'intermediateSize' | 'layers' | 'heads' | 'keyValueHeads' | 'headSize' | 'maxPositions'
>;

const llamaOf = (sizes: Sizes): Omit<LlamaConfig, 'vocabularySize'> => ({
  ...{ family: 'llama', ...sizes, normEpsilon: 1e-5 },
  rope: { theta: 10000, scaling: { type: 'none' } },
  slidingWindow: undefined,
  tiedEmbeddings: true,
  attentionBias: false,
});

const bertOf = (sizes: Sizes): Omit<EncoderConfig, 'vocabularySize'> => ({
  ...{ family: 'bert', ...sizes, normEpsilon: 1e-12 },
  slidingWindow: undefined,
  tiedEmbeddings: true,
  tokenTypes: 1,
  maskedHead: true,
  activation: 'gelu',
});

/** Bytes that a weight takes in training: itself, its gradient and two moments. */
const BYTES_A_WEIGHT = 16;

/** Refuses a model that this machine cannot train before its texts are read. */
function checkMemory(config: ModelConfig): void {
  const weights = expectedWeights(config).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const gibibytes = (BYTES_A_WEIGHT * weights) / 2 ** 30;
  if (gibibytes * 2 ** 30 <= totalmem()) return;
  throw new SoftpromptError('TUNING_SETTING', {
    found: `A model of ${weights} weights, which takes ${gibibytes.toFixed(0)} GiB to train`,
    expected: `one that fits this machine's ${(totalmem() / 2 ** 30).toFixed(0)} GiB of memory`,
    fix: 'Lower --width, --layers, --feed-forward or --vocabulary.',
  });
}

/** Options that a model to continue from, or a given tokenizer, decides. */
function checkOrigin(options: PretrainingOptions): void {
  const shape = ['family', 'width', 'layers', 'heads', 'feedForward', 'context', 'tokenizer'] as const;
  const decided = [
    ...(options.init === undefined ? [] : shape),
    ...(options.init === undefined && options.tokenizer === undefined ? [] : (['vocabulary'] as const)),
  ];
  const given = decided.filter((name) => options[name] !== undefined);
  if (given.length === 0) return;
  throw new SoftpromptError('TUNING_SETTING', {
    found: `The settings ${given.join(', ')} stand beside ${options.init === undefined ? 'a tokenizer' : 'a model to continue from'}`,
    expected: 'them to be left out, because they come from there',
    fix: `Leave out ${given.join(', ')}.`,
  });
}
