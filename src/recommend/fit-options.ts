import { checkOptions } from '../check-options.js';
import type { AttributeOptions } from '../data/interactions/attribute-table.js';
import type { InteractionOptions } from '../data/interactions/read-interactions.js';
import { TIE_ORDERS } from '../data/interactions/tied-times.js';
import { DATABASE_TYPES, type DatabaseQuery } from '../data/read-database.js';
import { METHOD_NAMES } from '../methods/registry.js';
import { POOLINGS } from '../network/checkpoint/checkpoint.js';
import { choice, count, finite, type Kind, list, seedNumber, shareBelowOne, text, toggle } from '../options/kind.js';
import { declareOptions, defaultsOf, type Given, optionGroup, type Plan } from '../options/option.js';
import { settle } from '../options/settle.js';
import { THREADS } from '../runtime/runtime-options.js';
import { NETWORK_BASELINES, TUNED_BASELINES } from './baselines/baseline-names.js';
import { READING } from './reading/reading-options.js';
import { NETWORK } from './sequential/network-options.js';

/** How a table is read: its reader checks what it says. */
function reading<T extends object>(): Kind<T> {
  return {
    ...{ sign: '<table>', expected: 'an object', read: () => undefined },
    holds: (value) => typeof value === 'object' && value !== null,
    json: { type: 'object' },
  };
}

const source: Kind<string | DatabaseQuery> = {
  sign: '<file>',
  expected: 'a file of users, items and times',
  read: (texts) => texts.at(-1),
  holds: (value) => typeof value === 'string' || (typeof value === 'object' && value !== null),
  json: {
    anyOf: [
      { type: 'string' },
      {
        type: 'object',
        properties: { type: { enum: DATABASE_TYPES }, database: { type: 'string' }, query: { type: 'string' } },
        required: ['type', 'database', 'query'],
      },
    ],
  },
};

/** How interactions are filtered and split. */
export const FILTERS = declareOptions({
  minRating: { kind: finite(), about: 'leave out interactions rated lower' },
  kCore: { kind: count(), about: 'leave out users and items with fewer interactions', default: 1 },
  split: { kind: choice('<kind>', ['leave-one-out', 'time']), about: 'what is held out', default: 'leave-one-out' },
  validShare: { kind: shareBelowOne, about: 'of a split by time, what validates', default: 0.1 },
  testShare: { kind: shareBelowOne, about: 'of a split by time, what tests', default: 0.1 },
  ties: {
    kind: choice('<order>', TIE_ORDERS),
    about: "what comes first of a user's interactions at the same time: drawn by the seed, or as the file has it",
    default: 'random',
  },
  seed: { kind: seedNumber, about: 'where all random choices start', default: 0 },
});

/** How a recommender's interactions are read, filtered and split; plain JSON. The flags of its tables are in data-flags. */
export const RECOMMEND_DATA = declareOptions({
  interactions: {
    kind: source,
    about: 'a file of interactions, or a query on a database',
    flag: null,
    required: 'a file of users, items and times',
  },
  interactionTable: {
    kind: reading<InteractionOptions>(),
    about: 'columns, layout, delimiter, encoding … of that file',
    flag: null,
  },
  items: { kind: text('<file>'), about: 'items with their texts and attributes' },
  itemTable: { kind: reading<AttributeOptions>(), about: "how the items' file is read", flag: null },
  ...FILTERS,
});

const autoAlwaysNever = ['auto', 'always', 'never'] as const;

/** Everything a user can say about a recommender. */
export const FIT = declareOptions({
  ...RECOMMEND_DATA,
  users: {
    kind: text('<file>'),
    about: 'users with their attributes, for a learned token in front of each history',
  },
  userTable: { kind: reading<AttributeOptions>(), about: "how the users' file is read", flag: null },
  userAttributes: {
    kind: list('<a,b>', 'columns separated by commas', text(''), (names) => names.split(',')),
    about: 'columns of the users to use',
    auto: 'all of at most 100 values that are mostly shared',
  },
  userVectors: { kind: toggle, about: 'a vector of each user too, which counts the more the longer the history is' },
  userTokens: {
    kind: choice('<when>', ['auto', 'always']),
    about: 'auto: with and without, the better is kept',
    default: 'auto',
  },
  model: {
    kind: text('<model>'),
    about: 'frozen model that reads the items, or encodes: folder, GGUF file or hub id',
    auto: 'ids alone',
  },
  out: { kind: text('<folder>'), about: 'where the recommender goes', required: 'a folder for the recommender' },
  overwrite: { kind: toggle, about: 'replace a recommender that is already there' },
  keepTraining: {
    kind: toggle,
    about: 'keep the states of training after success, four to five times the network',
  },
  withoutHistories: {
    kind: toggle,
    about: 'keep nobody in the folder: no users, no histories; lists are for histories that a request gives',
  },
  itemTemplate: {
    kind: text('<template>'),
    about: "what is read of an item, such as '[soft:8]{title} ({genres})'",
    auto: "by the items' columns",
  },
  layers: { kind: count(1024), about: 'the first layers of the model that read', default: 8 },
  maxTextLength: { kind: count(), about: 'longest text of an item in tokens', flag: null, default: 64 },
  textWidth: {
    kind: count(),
    about: "numbers a text's vector is reduced to, of few items a quarter of their number",
    flag: null,
    default: 128,
  },
  text: {
    kind: choice('<when>', autoAlwaysNever),
    about: 'auto: with and without texts, the better is kept; never: no text is read',
    default: 'auto',
  },
  learnPrompt: {
    kind: toggle,
    about: 'learn how items are read, from which of them stand together in histories; takes long',
  },
  method: {
    kind: choice('<method>', METHOD_NAMES),
    about: 'what --learn-prompt learns of the model that reads, as of tune',
    default: 'soft',
  },
  pooling: {
    kind: choice('<rows>', POOLINGS),
    about: "which of a text's rows make its vector",
    auto: "the model's own, else the mean",
  },
  reading: optionGroup(READING),
  itemItem: { kind: toggle, about: 'leave out the item-item model', default: true },
  likeness: {
    kind: toggle,
    about: 'leave out how like the texts of the latest items an item is',
    default: true,
  },
  trend: {
    kind: toggle,
    about: 'leave out what is popular lately, which a split by time tries',
    default: true,
  },
  refit: {
    kind: toggle,
    about: 'serve with the network that was measured, which never learned from what validates and tests',
    default: true,
  },
  validUsers: {
    kind: count(),
    about: 'users who validate at most, drawn by the seed',
    auto: 'what takes minutes',
  },
  testUsers: { kind: count(), about: 'users who are tested at most, drawn by the seed', auto: 'what takes minutes' },
  baselines: {
    kind: toggle,
    about: 'tune and measure popularity, ItemKNN, EASE, iALS, BPR-MF, GRU4Rec, BERT4Rec and SASRec beside it',
  },
  onlyBaselines: {
    kind: list(
      '<a,b>',
      'baselines separated by commas',
      choice('<name>', [...TUNED_BASELINES, ...NETWORK_BASELINES]),
      (names) => names.split(','),
    ),
    about: `of the baselines only these: ${[...TUNED_BASELINES, ...NETWORK_BASELINES].join(', ')}`,
    auto: 'all',
  },
  network: optionGroup(NETWORK, { code: 'TUNING_SETTING' }),
  ...THREADS,
});

export type RecommendDataOptions = Given<typeof RECOMMEND_DATA>;
export type RecommendDataPlan = Plan<typeof RECOMMEND_DATA>;
/** Plain JSON, so that a run can be repeated and resumed from it. */
export type RecommendOptions = Given<typeof FIT>;
export type FitPlan = Plan<typeof FIT>;

/** What stands where nobody says anything. */
export const RECOMMEND_DEFAULTS = defaultsOf(FIT);

/** Training interactions at which a user's own vector counts half. */
export const USER_FADE = 50;

/** Learned tokens in front of the items' texts, where the template has none. */
export const READING_PROMPT = '[soft:"Someone who liked this will next choose:"] ';

/** The same for a masked model whose reading is learned: words in front of a text would only be more text to it. */
export const LEARNED_TOKENS = '[soft:8]';

/** Whether the items' texts are read. */
export function readsTexts({ model, items, text }: Pick<RecommendOptions, 'model' | 'items' | 'text'>): boolean {
  return model !== undefined && items !== undefined && text !== 'never';
}

/** Fills in the defaults, and refuses what can be refused before anything is read. @throws RECOMMEND_OPTION */
export function fitPlan(given: RecommendOptions): FitPlan {
  const plan = settle(FIT, given, 'RECOMMEND_OPTION');
  const { model, items, text, users, userAttributes, userVectors, withoutHistories, keepTraining, network } = plan;
  const frozen = network.encoder === 'frozen';
  checkOptions(
    [
      [
        'model',
        model,
        model === undefined || items !== undefined || frozen,
        'a file of items beside it, or a frozen encoder',
      ],
      ['model', model, model !== undefined || !frozen, 'a language model for the frozen encoder'],
      [
        'withoutHistories',
        withoutHistories,
        !withoutHistories || !(userVectors || keepTraining),
        'no vectors of users (userVectors) and no states of training (keepTraining) beside it',
      ],
      [
        'text',
        text,
        text !== 'never' || network.itemVectors,
        "'auto' or 'always' where items have no vectors of their own",
      ],
      [
        'userAttributes',
        userAttributes,
        userAttributes === undefined || (userAttributes.length > 0 && users !== undefined),
        "columns of the users, and the users' file beside them",
      ],
    ],
    'RECOMMEND_OPTION',
  );
  return plan;
}
