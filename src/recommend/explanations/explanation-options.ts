import { listOfIds } from '../../data/interactions/id-kinds.js';
import { TABLE } from '../../data/table-options.js';
import { MOVED_MODEL } from '../../network/loading-options.js';
import { choice, count, text, toggle } from '../../options/kind.js';
import { declareOptions, type Given, type Plan } from '../../options/option.js';
import { settle } from '../../options/settle.js';
import { DECODING } from '../../tasks/generate-options.js';
import { TRAINING, TUNE } from '../../tasks/tune-options.js';
import { rows } from '../rows-kind.js';
import { WHOM } from '../use-options.js';

/** What all share comes first, then who writes and of what. */
export const EXPLANATION_TEMPLATE =
  '[soft:"What a buyer says of a product."][user:vector][user:text][item:vector][item:text] It is about {features}. The buyer says: {target}';

/** How reviews are read, beyond what `tune` has for any text. */
export const EXPLANATION_ROWS = declareOptions({
  userColumn: { kind: text('<name>'), about: 'to explain: column of the user, where its name does not tell' },
  itemColumn: { kind: text('<name>'), about: 'to explain: column of the item' },
  ratingColumn: { kind: text('<name>'), about: 'to explain: column of the rating', auto: 'by its name, if any' },
  featureColumn: {
    kind: text('<name>'),
    about: 'to explain: column of what an explanation is about',
    auto: 'feature, where there is one; else features are found by counting words',
  },
  sentences: {
    kind: toggle,
    about: 'to explain with whole texts, and not with the first sentence of 4 to 25 words that names a feature',
    default: true,
  },
});

/** What `tune` has for explanations alone. */
export const EXPLANATION_ALONE = declareOptions({
  ...EXPLANATION_ROWS,
  items: {
    kind: text('<file>'),
    about: "to explain: items, whose columns are slots of the template, such as '{title}'",
  },
  idColumn: { kind: text('<name>'), about: "to explain: column of the id in the items' file" },
  recommender: {
    kind: text('<folder>'),
    about: 'to explain: recommender whose vectors of items [user:vector] and [item:vector] are made of',
    auto: 'a vector of each user and item is learned',
  },
  validRows: { kind: count(), about: 'to explain: validation rows that choose the best prompt at most', default: 400 },
  readLayers: {
    kind: count(),
    about: 'to explain: layers of the model that read sentences for [user:text] and [item:text]',
    default: 8,
  },
  textWidth: { kind: count(), about: 'to explain: numbers that are kept of a sentence', default: 64 },
});

const { model, out, overwrite, targetColumn, maxNewTokens, measureTexts } = TUNE;
const { epochs, maxSteps, batchSize, accumulation, learningRate, rank, alpha, rslora, targetModules } = TRAINING;
const { warmUp, decay, weightDecay, clipNorm, evaluateEvery, patience, seed, validShare, threads } = TRAINING;

/** Everything a user can say about learning explanations: `tune --task explain`. */
export const EXPLANATION = declareOptions({
  model,
  train: { kind: rows, about: 'reviews: user_id, item_id and a text', required: 'a file of reviews' },
  valid: { kind: rows, about: 'reviews that choose the best prompt', auto: 'a tenth of the training rows' },
  test: { kind: rows, about: 'reviews that are measured once, at the end' },
  ...{ out, overwrite },
  template: {
    kind: text('<template>'),
    about: "words, learned tokens, '{features}' of the item, its columns, rows such as '[user:vector]', and '{target}'",
    default: EXPLANATION_TEMPLATE,
  },
  targetColumn: { ...targetColumn, auto: 'target, explanation, sentence, review or text' },
  ...EXPLANATION_ALONE,
  maxNewTokens: { ...maxNewTokens, default: 32 },
  measureTexts,
  method: { ...TRAINING.method, kind: choice('<name>', ['soft', 'prefix', 'lora', 'ia3']) },
  ...{ rank, alpha, rslora, targetModules, epochs, maxSteps, batchSize, accumulation, learningRate },
  maxLength: { ...TRAINING.maxLength, default: 128 },
  ...{ validShare, warmUp, decay, weightDecay, clipNorm, evaluateEvery, patience, seed },
  baselines: TRAINING.baselines,
  threads,
  table: TABLE,
});

/** Of `softprompt recommend explain`. */
export const EXPLAIN = declareOptions({
  ...WHOM,
  candidates: { kind: listOfIds, about: 'items to explain', required: 'the ids of items to explain' },
  ...MOVED_MODEL,
  ...DECODING,
});

export type ExplanationOptions = Given<typeof EXPLANATION>;
export type ExplanationPlan = Plan<typeof EXPLANATION>;

/** @throws TUNING_SETTING */
export const explanationPlan = (given: ExplanationOptions): ExplanationPlan =>
  settle(EXPLANATION, given, 'TUNING_SETTING');
