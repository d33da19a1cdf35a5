import { choice, count, positive, text, toggle, wordOr } from '../../options/kind.js';
import { declareOptions, type Given } from '../../options/option.js';
import { TRAINING } from '../../tasks/tune-options.js';
import { RECOMMEND_DATA } from '../fit-options.js';
import { MAX_HISTORY, WORDS_FORMS, WORDS_QUESTION, WORDS_TEMPLATE } from './words-template.js';

/** Column of the items that titles are read from. */
export const titleColumnOption = {
  kind: text('<name>'),
  about: 'column of the title, where its name does not tell',
} as const;

/** Whether titles are named or asked about. */
export const formOption = {
  kind: choice('<form>', WORDS_FORMS),
  about: 'title: how likely the title is next; yes-no: the log odds of yes behind a question about it',
  flag: 'words-form',
} as const;

/** Items beside the next one: of questions each is one more sequence. */
export const NEGATIVES = { title: 19, 'yes-no': 3 } as const;

/** In front of the words of either form. */
export const LEARNED_FRONT = '[soft:10]';

const { required: _, ...interactions } = RECOMMEND_DATA.interactions;

/** Of errors about how it is trained. */
const code = 'TUNING_SETTING';

/** Everything a user can say about learning the prompt behind which titles are ranked. */
export const LEARN_WORDS = declareOptions({
  ...RECOMMEND_DATA,
  interactions: { ...interactions, auto: 'with a recommender, those of its fit' },
  items: { kind: text('<file>'), about: 'items with their titles', auto: 'with a recommender, those of its fit' },
  recommender: {
    kind: text('<folder>'),
    about:
      'recommender whose scores the titles are to add to: the prompt is learned on top of them, among its best items, where its network has not seen what came next',
  },
  model: {
    kind: text('<model>'),
    about: 'frozen model that ranks the titles: folder, GGUF file or hub id',
    required: 'the frozen model that ranks the titles',
  },
  out: { kind: text('<folder>'), about: 'where the prompt goes', required: 'a folder for the prompt' },
  overwrite: {
    kind: toggle,
    about: 'replace a prompt that is already there, discard an interrupted run that differs',
  },
  keepTraining: { kind: toggle, about: 'keep the state of training after success' },
  template: {
    kind: text('<template>'),
    about: "words and learned tokens around '{history}' and '{label}'",
    auto: `${LEARNED_FRONT}${WORDS_TEMPLATE}, or with yes-no ${LEARNED_FRONT}${WORDS_QUESTION}`,
  },
  form: { ...formOption, default: 'title' },
  titleColumn: titleColumnOption,
  maxHistory: { kind: count(), about: 'latest items of a history that are read', default: MAX_HISTORY },
  maxLength: { kind: count(), about: 'longest history with its title, in tokens', default: 256 },
  negatives: {
    kind: count(),
    about: 'sampled items beside the next one',
    auto: `${NEGATIVES.title}, or ${NEGATIVES['yes-no']} with yes-no`,
  },
  perUser: { kind: count(), about: "places of each user's history that are predicted", default: 1 },
  trainUsers: { kind: count(), about: 'users learned from at most, drawn by the seed', default: 20_000 },
  validUsers: { kind: count(), about: 'users that validate at most, drawn by the seed', default: 200 },
  epochs: { ...TRAINING.epochs, about: 'passes over the histories', code },
  maxSteps: { ...TRAINING.maxSteps, code },
  batchSize: { ...TRAINING.batchSize, about: 'histories an update', code },
  learningRate: {
    kind: wordOr('auto', positive('<rate>')),
    about: "learning rate, or 'auto': a tenth of the embeddings' size",
    flag: 'lr',
    default: 'auto',
    code,
  },
  evaluateEvery: { ...TRAINING.evaluateEvery, flag: null, code },
  patience: { ...TRAINING.patience, flag: null, code },
  seed: TRAINING.seed,
  threads: TRAINING.threads,
});

export type LearnWordsOptions = Given<typeof LEARN_WORDS>;
