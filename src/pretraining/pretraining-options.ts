import { totalmem } from 'node:os';
import { checkOptions } from '../check-options.js';
import { SoftpromptError } from '../errors.js';
import type { ModelConfig } from '../network/checkpoint/config.js';
import { expectedWeights } from '../network/checkpoint/expected-weights.js';
import type { LlamaConfig } from '../network/families/llama-config.js';
import type { Decay } from '../training/schedule.js';

/** What `pretrainModel` can be told. */
export interface PretrainingOptions {
  /** Text files: `path`, `language=path`, `path:share` or `language=path:share`. */
  readonly data: readonly string[];
  /** Of these files, by its WHATWG name, such as gb18030. Default: utf-8; UTF-16 is recognised. */
  readonly encoding?: string | undefined;
  /** The model's folder. */
  readonly out: string;
  /** Continue from this model: its weights, shape and tokenizer. */
  readonly init?: string | undefined;
  /** A `tokenizer.json`; default: one is learned from the data. */
  readonly tokenizer?: string | undefined;
  /** Tokens of the tokenizer that is learned, at least 257. Default 8,192. */
  readonly vocabulary?: number | undefined;
  /** d. Default 256. */
  readonly width?: number | undefined;
  /** Default 7. */
  readonly layers?: number | undefined;
  /** Default: one for each 64 of the width. */
  readonly heads?: number | undefined;
  /** Width inside the gated feed-forward block. Default 2.75 · width. */
  readonly feedForward?: number | undefined;
  /** Positions of the model. Default 512. */
  readonly context?: number | undefined;
  /** Tokens of a training window; default: the context. */
  readonly length?: number | undefined;
  /** Updates, rounded up to a multiple of `evaluateEvery`. Default 1,000. */
  readonly maxSteps?: number | undefined;
  /** Tokens an update, rounded to whole windows. Default 4,096. */
  readonly batchTokens?: number | undefined;
  /** Default 0.002. */
  readonly learningRate?: number | undefined;
  /** Default 0.02. */
  readonly warmUp?: number | undefined;
  /** Default cosine. */
  readonly decay?: Decay | undefined;
  /** Of matrices. Default 0.1. */
  readonly weightDecay?: number | undefined;
  /** Default 1. */
  readonly clipNorm?: number | undefined;
  /** Updates between validations; the state is saved at each. Default: a twentieth of the run. */
  readonly evaluateEvery?: number | undefined;
  /** Share of the documents that validate. Default 0.005. */
  readonly validShare?: number | undefined;
  /** Tokens of each language that validate, at most. Default 16,384. */
  readonly validTokens?: number | undefined;
  /** Words such as `Verdict:`: the token behind them counts `cueWeight` times in the training loss. Default: none. */
  readonly cues?: readonly string[] | undefined;
  /** Default 10. */
  readonly cueWeight?: number | undefined;
  readonly seed?: number | undefined;
  readonly threads?: number | undefined;
  /** Discard what an earlier run left in `out`. */
  readonly overwrite?: boolean | undefined;
}

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
  const { width = 256, layers = 7, context = 512, vocabulary = 8192 } = options;
  const heads = options.heads ?? Math.max(1, Math.round(width / 64));
  const plain: Omit<LlamaConfig, 'vocabularySize'> = {
    family: 'llama',
    hiddenSize: width,
    intermediateSize: options.feedForward ?? Math.round(2.75 * width),
    layers,
    heads,
    keyValueHeads: heads,
    headSize: width / heads,
    maxPositions: context,
    normEpsilon: 1e-5,
    rope: { theta: 10000, scaling: { type: 'none' } },
    slidingWindow: undefined,
    tiedEmbeddings: true,
    attentionBias: false,
  };
  const shape: PretrainingSettings['shape'] = init ?? plain;
  const { maxSteps = 1000, batchTokens = 4096, length = shape.maxPositions } = options;
  const { validShare = 0.005, validTokens = 16384, cueWeight = 10 } = options;
  const evaluateEvery = Math.min(options.evaluateEvery ?? Math.ceil(maxSteps / 20), maxSteps);
  const training = {
    learningRate: options.learningRate ?? 0.002,
    warmUp: options.warmUp ?? 0.02,
    decay: options.decay ?? ('cosine' as const),
    weightDecay: options.weightDecay ?? 0.1,
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    clipNorm: options.clipNorm ?? 1,
    seed: options.seed ?? 0,
  };
  const positive = (value: number) => Number.isInteger(value) && value > 0;
  checkOrigin(options);
  checkOptions(
    [
      ['data', options.data.length, options.data.length > 0, 'at least one text file'],
      ['vocabulary', vocabulary, positive(vocabulary) && vocabulary >= 257, 'at least 257: all bytes and an end mark'],
      ['width', shape.hiddenSize, positive(shape.hiddenSize), 'a whole number above 0'],
      ['layers', shape.layers, positive(shape.layers), 'a whole number above 0'],
      ['heads', heads, positive(heads) && shape.headSize % 2 === 0, 'heads of an even size that fill the width'],
      ['feedForward', shape.intermediateSize, positive(shape.intermediateSize), 'a whole number above 0'],
      ['context', shape.maxPositions, positive(shape.maxPositions) && shape.maxPositions >= 8, 'at least 8 positions'],
      ['length', length, positive(length) && length >= 8 && length <= shape.maxPositions, '8 to the context'],
      ['maxSteps', maxSteps, positive(maxSteps), 'a whole number above 0'],
      [
        'batchTokens',
        batchTokens,
        positive(batchTokens) && batchTokens >= length && batchTokens <= 2 ** 20,
        'one window to 1048576',
      ],
      ['evaluateEvery', evaluateEvery, positive(evaluateEvery), 'a whole number above 0'],
      ['validShare', validShare, validShare > 0 && validShare < 1, 'a share between 0 and 1'],
      ['validTokens', validTokens, positive(validTokens), 'a whole number above 0'],
      ['cues', options.cues?.find((cue) => cue === ''), !options.cues?.includes(''), 'words'],
      ['cueWeight', cueWeight, cueWeight > 0 && cueWeight < Infinity, 'a number above 0'],
      ['learningRate', training.learningRate, training.learningRate > 0, 'a number above 0'],
      ['warmUp', training.warmUp, training.warmUp >= 0 && training.warmUp < 1, 'a share from 0 to below 1'],
      ['weightDecay', training.weightDecay, training.weightDecay >= 0, 'a number from 0'],
      ['clipNorm', training.clipNorm, training.clipNorm > 0, 'a number above 0'],
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
    training,
  };
}

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
  const shape = ['width', 'layers', 'heads', 'feedForward', 'context', 'tokenizer'] as const;
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
