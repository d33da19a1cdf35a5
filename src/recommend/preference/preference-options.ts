import { listOfIds } from '../../data/interactions/id-kinds.js';
import { TABLE } from '../../data/table-options.js';
import { MOVED_MODEL } from '../../network/loading-options.js';
import { choice, count, positive, text, toggle, whole, wordOr } from '../../options/kind.js';
import { declareOptions, type Given, type Plan } from '../../options/option.js';
import { settle } from '../../options/settle.js';
import { labelWords, TRAINING } from '../../tasks/tune-options.js';
import { rows } from '../rows-kind.js';
import { titleColumnOption } from '../titles/learn-words-options.js';
import { WHOM } from '../use-options.js';

/**
 * Which answers rates and histories are made of when rows are tested: those learned from; all that were given before
 * (training and validation rows); or, as a served system has them, the tested rows' own answers too, once they are earlier.
 */
export const STATISTICS = ['train', 'known', 'stream'] as const;
export type StatisticsMode = (typeof STATISTICS)[number];

/**
 * What everybody shares comes first, then what is known of a user, then the item: so 200 items of one user cost little more
 * than their own rows. The title is read beforehand, into `[item:text]`.
 */
export const PREFERENCE_TEMPLATE =
  '[soft:"A person, a thing, and whether the person will like it:"][user:stats][item:text][item:attributes][item:stats]{label}';

/** How rows of answers are read. */
export const PREFERENCE_ROWS = declareOptions({
  like: {
    kind: text("<'COLUMN >= X'>"),
    about: "what a like is, such as 'rating >= 4'",
    auto: "the column label, liked or like (1 or 0), else 'rating >= 4', or stars",
  },
  userColumn: { kind: text('<name>'), about: 'column of the user, where its name does not tell' },
  itemColumn: { kind: text('<name>'), about: 'column of the item' },
  timeColumn: { kind: text('<name>'), about: 'column of the time', auto: 'by its name; else the order of the rows' },
  table: TABLE,
});

export const STATISTICS_OPTION = {
  kind: choice('<which>', STATISTICS),
  about:
    'answers that rates and histories are made of in tests; train: those learned from; known: validation rows too; stream: tested rows too, once they are earlier',
  default: 'known',
} as const;

/** What can be said of measuring a fitted preference. */
export const PREFERENCE_TEST = declareOptions({
  ...PREFERENCE_ROWS,
  statistics: { kind: STATISTICS_OPTION.kind, about: STATISTICS_OPTION.about, auto: 'as at the fit' },
});

/** Everything a user can say about fitting a preference. */
export const PREFERENCE = declareOptions({
  model: {
    kind: text('<model>'),
    about: 'frozen model: folder, GGUF file or hub id',
    required: 'a model folder, GGUF file or hub id',
  },
  train: { kind: rows, about: 'answers: user_id, item_id, label or rating, timestamp', required: 'a file of answers' },
  valid: { kind: rows, about: 'answers that choose the best prompt', auto: 'the latest tenth of the training rows' },
  test: { kind: rows, about: 'answers that are scored once, at the end' },
  items: { kind: text('<file>'), about: 'items with their titles and attributes' },
  users: { kind: text('<file>'), about: 'users with their attributes' },
  idColumn: { kind: text('<name>'), about: "column of the id in the items' file, where its name does not tell" },
  userIdColumn: { kind: text('<name>'), about: "column of the id in the users' file" },
  titleColumn: titleColumnOption,
  out: { kind: text('<folder>'), about: 'where the preference goes', required: 'a folder for the preference' },
  overwrite: { kind: toggle, about: 'replace a preference that is already there' },
  ...PREFERENCE_ROWS,
  template: {
    kind: text('<template>'),
    about: "words, learned tokens, '{title}', '{liked}', '{disliked}', rows such as '[user:stats]', and '{label}'",
    default: PREFERENCE_TEMPLATE,
  },
  labels: { kind: labelWords, about: 'the words of yes and no, a JSON object', default: { yes: ' yes', no: ' no' } },
  recommender: {
    kind: text('<folder>'),
    about: 'recommender whose vectors of items [user:vector] and [item:vector] are made of',
    auto: "the frozen model's reading of the titles",
  },
  statistics: STATISTICS_OPTION,
  method: TRAINING.method,
  rank: TRAINING.rank,
  alpha: TRAINING.alpha,
  rslora: TRAINING.rslora,
  targetModules: TRAINING.targetModules,
  offset: {
    kind: choice('<when>', ['auto', 'never']),
    about:
      'whether a logistic regression on the numbers that the rows are made of is added to the answer; auto: where it gains more than a standard error on the validation rows',
    default: 'auto',
  },
  hidden: {
    kind: whole(0),
    about: 'hidden numbers of the maps that make rows of vectors, texts and attributes; 0: linear maps',
    default: 0,
  },
  layers: { kind: count(), about: "layers of the model that read the items' texts", default: 8 },
  textWidth: { kind: count(), about: 'numbers that are kept of a text', default: 64 },
  itemFactors: { kind: count(), about: 'numbers of [user:items] that tell which items somebody chose', default: 64 },
  validRows: { kind: count(), about: 'validation rows that choose the best prompt at most', default: 1000 },
  epochs: { ...TRAINING.epochs, kind: positive('<n>'), auto: '3, from 150 to 600 updates, but 10 at most' },
  maxSteps: TRAINING.maxSteps,
  batchSize: { ...TRAINING.batchSize, default: 64 },
  accumulation: TRAINING.accumulation,
  learningRate: {
    kind: wordOr('auto', positive('<rate>')),
    about: "learning rate, or 'auto': what moves the log odds by a twentieth",
    flag: 'lr',
    default: 'auto',
  },
  maxLength: TRAINING.maxLength,
  warmUp: TRAINING.warmUp,
  decay: TRAINING.decay,
  weightDecay: TRAINING.weightDecay,
  clipNorm: TRAINING.clipNorm,
  evaluateEvery: TRAINING.evaluateEvery,
  patience: TRAINING.patience,
  seed: TRAINING.seed,
  baselines: { kind: toggle, about: 'leave out baselines and ablations', default: true },
  threads: TRAINING.threads,
});

/** Whom and what is asked about. */
const ASKED = {
  user: { kind: WHOM.user.kind, about: 'a user of the answers' },
  history: {
    kind: listOfIds,
    about: 'items that a new user liked, the oldest first; a JSON list where ids hold commas',
  },
  disliked: { kind: listOfIds, about: 'items that the user did not like' },
} as const;

/** Of `softprompt recommend preference for`. */
export const PREFERENCE_FOR = declareOptions({
  ...ASKED,
  candidates: { kind: listOfIds, about: 'items to judge', required: 'the ids of items to judge' },
  explain: { kind: toggle, about: 'how far each answer falls where one source tells nothing' },
  ...MOVED_MODEL,
});

const ofPreference = <O extends { readonly about: string }>(option: O) => ({
  ...option,
  about: `of a preference: ${option.about}`,
});

/** Of `softprompt inspect` on a preference. */
export const INSPECT_PREFERENCE = declareOptions({
  user: ofPreference(ASKED.user),
  history: { ...ASKED.history, about: `of a preference or a profile: ${ASKED.history.about}` },
  disliked: ofPreference(ASKED.disliked),
  candidates: ofPreference({ kind: listOfIds, about: 'items whose answers to explain' }),
});

/** Of `softprompt recommend preference evaluate`. */
export const EVALUATE_PREFERENCE = declareOptions({
  data: { kind: text('<file>'), about: 'answers', required: 'answers to judge by' },
  ...PREFERENCE_TEST,
  ...MOVED_MODEL,
});

export type PreferenceOptions = Given<typeof PREFERENCE>;
export type PreferencePlan = Plan<typeof PREFERENCE>;

/**
 * Updates where neither they nor epochs are given: so many epochs, within bounds, but few rows are not seen more often than `mostEpochs` times;
 * the start says what a regression says, and what sixteen rows add to that by heart is wrong.
 */
export const PREFERENCE_STEPS = { epochs: 3, least: 150, most: 600, mostEpochs: 10 } as const;
/** Of the training rows, where nothing else validates. */
export const VALID_SHARE = 0.1;

/** @throws RECOMMEND_OPTION */
export const preferencePlan = (given: PreferenceOptions): PreferencePlan =>
  settle(PREFERENCE, given, 'RECOMMEND_OPTION');
