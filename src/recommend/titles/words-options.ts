import { declareInteractions, ITEM_TABLE } from '../../data/data-files.js';
import { declareTable } from '../../data/table-options.js';
import { choice, count, fromZero, seedNumber, text, toggle } from '../../options/kind.js';
import { declareOptions } from '../../options/option.js';
import { WHOM } from '../use-options.js';
import { formOption, titleColumnOption } from './learn-words-options.js';
import { WORDS_SCORING } from './title-scorer.js';
import { MAX_HISTORY } from './words-template.js';

/** What `--names` is about where a command reads interactions and items. */
export const ONLY_FILE = 'the interactions (or of the only file)';

/** The recommender's best items that are ranked anew. */
export const RERANK_TOP = 50;
/** Tokens of a history with its title. */
export const MAX_LENGTH = 512;

/** What a title is scored by. */
export const WORDS_SETTINGS = declareOptions({
  prompt: { kind: text('<folder>'), about: 'a prompt that tune-words learned, in place of a template' },
  template: { kind: text('<template>'), about: "words around '{history}' and '{label}'" },
  prior: {
    kind: text('<template>'),
    about: 'what is asked without a history',
    auto: "the template's words between {history} and {label}, or else before",
  },
  form: { ...formOption, auto: 'title, or as the prompt was learned' },
  priorWeight: {
    kind: fromZero(),
    about: 'how much of the likelihood without a history is subtracted; 1 is PMI',
    default: WORDS_SCORING.prior,
  },
  lengthPower: {
    kind: fromZero(),
    about: '0: likelihood of the title, 1: its mean a token',
    default: WORDS_SCORING.lengthPower,
  },
});

/** Of `softprompt recommend words`. */
export const RANK_WORDS = declareOptions({
  ...declareInteractions('interactions: for --user, and for what is popular'),
  model: { kind: text('<model>'), about: 'frozen model that ranks the titles: folder, GGUF file or hub id' },
  items: { kind: text('<file>'), about: 'items with their titles', required: 'a file of items with titles' },
  ...WHOM,
  candidates: {
    kind: text('<which>'),
    about: 'a,b,c, a JSON list, a file with an id a line, or popular:N',
    auto: 'popular:200, or all without interactions',
  },
  maxHistory: { kind: count(), about: 'latest items of a history that are read', default: MAX_HISTORY },
  maxLength: { kind: count(), about: 'longest history with its title, in tokens', default: MAX_LENGTH },
  k: { kind: count(), about: 'how many items', default: 10 },
  explain: { kind: toggle, about: 'which items of the history and words of the prompt speak for each' },
  ...WORDS_SETTINGS,
  titleColumn: titleColumnOption,
  ...ITEM_TABLE,
  ...declareTable(ONLY_FILE),
});

const rerankTop = { kind: count(), about: 'how many of the best items are reranked', default: RERANK_TOP } as const;

/** Of `softprompt recommend for`: its best items ranked anew. */
export const RERANK = declareOptions({
  rerank: { kind: choice('<how>', ['words']), about: 'words: rerank the best items by their titles too' },
  rerankWeight: { kind: fromZero(), about: 'what the titles count', auto: 'as weigh-words chose' },
  rerankTop: { kind: rerankTop.kind, about: rerankTop.about, auto: `as weigh-words chose, or ${RERANK_TOP}` },
  wordsModel: {
    kind: text('<model>'),
    about: 'frozen model that scores the titles',
    auto: 'as weigh-words was told',
  },
});

/** What the weight of the titles is chosen by. */
export const WEIGHING = declareOptions({
  wordsModel: {
    kind: text('<model>'),
    about: 'frozen model that ranks the titles: folder, GGUF file or hub id',
    required: 'the frozen model that ranks the titles',
  },
  titleColumn: titleColumnOption,
  validUsers: { kind: count(), about: 'users that validate at most, drawn by the seed', default: 2000 },
  rerankTop,
  seed: { kind: seedNumber, about: 'where all random choices start', default: 0 },
});

/** Of `softprompt recommend weigh-words`. */
export const WEIGH_WORDS = declareOptions({
  ...WEIGHING,
  ...WORDS_SETTINGS,
  maxLength: {
    kind: count(),
    about: 'longest history with its title, in tokens: short ones are faster',
    auto: `as the prompt was learned, or ${MAX_LENGTH}`,
  },
});
