import { TABLE } from '../../data/table-options.js';
import { SoftpromptError } from '../../errors.js';
import { choice, count, positive, text, toggle } from '../../options/kind.js';
import { declareOptions, type Given, type Plan } from '../../options/option.js';
import { settle } from '../../options/settle.js';
import { LEARN, labelWords, TUNE } from '../tune-options.js';

/** Ways to find a prompt where only label scores can be had. */
export const ALGORITHMS = ['grips', 'examples', 'reinforce', 'ape', 'bbt'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** Everything a user can say about a search of a prompt without gradients. */
export const SEARCH = declareOptions({
  algorithm: {
    kind: choice('<name>', ALGORITHMS),
    about:
      'grips: edits of written words (Prasad et al. 2023); examples: which labelled examples are shown, and in which order (Lu et al. 2022); reinforce: a small learned policy over words (as RLPrompt, Deng et al. 2022); ape: instructions that a model writes (Zhou et al. 2023); bbt: evolution of a soft prompt (Sun et al. 2022)',
    default: 'examples',
  },
  model: {
    kind: text('<model>'),
    about: 'folder, GGUF file or hub id of the model that answers; beside --endpoint, of one that proposes words',
  },
  remoteEndpoint: {
    kind: text('<url>'),
    about:
      'an OpenAI-compatible address with log-probabilities whose model answers, such as http://127.0.0.1:8000/v1; its key: OPENAI_API_KEY',
    flag: 'endpoint',
  },
  remoteModel: { kind: text('<name>'), about: 'the model of --endpoint' },
  template: {
    kind: text('<template>'),
    about:
      'text around an example; [soft:5] or [soft:"words"] is where words are sought, else in front, such as \'Is it good or bad? {text} It was{label}\'',
    required: "a template such as '{text} It was{label}'",
  },
  labels: {
    kind: labelWords,
    about: 'label in the data → word in the text: \'{"0":" terrible","1":" great"}\'',
    required: 'a JSON object from label to word',
  },
  train: TUNE.train,
  valid: TUNE.valid,
  test: TUNE.test,
  out: TUNE.out,
  overwrite: TUNE.overwrite,
  maxCalls: { kind: count(), about: 'candidate prompts, each scored on all training examples', default: 1000 },
  words: { kind: count(200), about: 'of reinforce: words of the prompt', auto: 'those of [soft:N], or 5' },
  shown: { kind: count(100), about: 'of examples: so many are shown at most', auto: 'two a label, 8 at most' },
  vocabulary: { kind: count(), about: 'words to choose from: the first whole ones of the vocabulary', default: 1000 },
  tokens: { kind: count(1000), about: 'of bbt: learned tokens', auto: 'those of [soft:N], or 10' },
  subspace: { kind: count(1000), about: 'of bbt: dimensions of the random subspace', default: 50 },
  reach: {
    kind: positive('<x>'),
    about: 'of bbt: how far numbers move at first, in units of their size at the start',
    default: 1,
  },
  deep: { kind: toggle, about: 'of bbt: keys and values of every layer, layer by layer (BBTv2, Sun et al. 2022)' },
  population: { kind: count(1000), about: 'candidates of a round', auto: '8; of bbt 4 + 3·ln(dimensions)' },
  learningRate: { kind: positive('<rate>'), about: 'of reinforce: of its policy', flag: 'lr', default: 0.1 },
  calibrate: {
    kind: toggle,
    about: 'leave the label scores as they are; else training texts calibrate them (Zhou et al. 2024)',
    default: true,
  },
  shots: TUNE.shots,
  validShare: TUNE.validShare,
  columns: LEARN.columns,
  labelColumn: LEARN.labelColumn,
  maxLength: {
    kind: count(),
    about: 'longest sequence in tokens, learned ones included',
    auto: '256; of examples 1024, or what the model has',
  },
  seed: TUNE.seed,
  threads: TUNE.threads,
  table: TABLE,
});

/** Plain JSON. */
export type SearchOptions = Given<typeof SEARCH>;
export type SearchPlan = Plan<typeof SEARCH> & { readonly maxLength: number };

/** Tokens of a sequence, and of one with examples in front, where a model has as many. */
const LENGTH = 256;
const SHOWN_LENGTH = 1024;

/** @throws TUNING_SETTING */
export function searchPlan(given: SearchOptions): SearchPlan {
  const settled = settle(SEARCH, given, 'TUNING_SETTING');
  const length = settled.algorithm === 'examples' ? SHOWN_LENGTH : LENGTH;
  const plan = { ...settled, maxLength: settled.maxLength ?? length };
  const { algorithm, model, remoteEndpoint, remoteModel } = plan;
  const refuse = (found: string, expected: string, fix: string) =>
    new SoftpromptError('TUNING_SETTING', { found, expected, fix });
  if (model === undefined && remoteEndpoint === undefined) {
    throw refuse('Nothing that answers', 'a model, or an address of one', 'Give --model, or --endpoint.');
  }
  if (remoteEndpoint !== undefined && remoteModel === undefined) {
    throw refuse('An endpoint without a model', 'the name of one that it has', 'Give --remote-model.');
  }
  if (remoteEndpoint !== undefined && !/^https?:\/\//.test(remoteEndpoint)) {
    throw refuse(
      `The endpoint ${remoteEndpoint}`,
      'an address that begins with http:// or https://',
      'Correct --endpoint.',
    );
  }
  if (algorithm === 'bbt' && remoteEndpoint !== undefined) {
    throw refuse(
      'The algorithm bbt on an endpoint',
      'a model on this machine: a soft prompt cannot be sent as text',
      'Choose grips, reinforce or ape (--algorithm), or give --model alone.',
    );
  }
  if (algorithm === 'reinforce' && model === undefined) {
    throw refuse(
      'The algorithm reinforce without a model of its own',
      'a small model whose states the policy reads',
      'Give one beside the endpoint, such as --model embedded.',
    );
  }
  return plan;
}
