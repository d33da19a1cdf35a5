import { EXAMPLES_AS_TUNED } from '../../data/example-options.js';
import { TABLE } from '../../data/table-options.js';
import { MOVED_MODEL } from '../../network/loading-options.js';
import { count, text } from '../../options/kind.js';
import { declareOptions, type Given, type Plan } from '../../options/option.js';
import { TUNE } from '../tune-options.js';

/** Everything a user can say about making a prompt shorter. */
export const SHORTEN = declareOptions({
  prompt: { kind: text('<folder>'), about: 'the prompt', flag: null, required: 'the folder of a learned prompt' },
  ...MOVED_MODEL,
  tokens: { kind: count(1000), about: 'learned tokens that are left', required: 'how many tokens are to be left' },
  train: TUNE.train,
  valid: TUNE.valid,
  test: TUNE.test,
  out: { kind: text('<folder>'), about: 'where the short prompt goes', required: 'a folder for the short prompt' },
  overwrite: TUNE.overwrite,
  maxSteps: { kind: count(), about: 'updates that learn what the long prompt answers', default: 150 },
  batchSize: TUNE.batchSize,
  learningRate: TUNE.learningRate,
  shots: TUNE.shots,
  validShare: TUNE.validShare,
  ...EXAMPLES_AS_TUNED,
  seed: TUNE.seed,
  threads: TUNE.threads,
  table: TABLE,
});

/** Plain JSON. */
export type ShortenOptions = Given<typeof SHORTEN>;
export type ShortenPlan = Plan<typeof SHORTEN>;
