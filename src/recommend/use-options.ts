import { fileOfIds, listOfIds } from '../data/interactions/id-kinds.js';
import { declareTable } from '../data/table-options.js';
import { SHARDS } from '../data/writing/shard-options.js';
import { MOVED_MODEL } from '../network/loading-options.js';
import { count, type Kind, positiveShare, text, textByName, texts, toggle } from '../options/kind.js';
import { declareOptions } from '../options/option.js';
import { FIT } from './fit-options.js';
import { parseUserAttributes } from './user-attributes-text.js';

/** Items of each user in a run. */
export const RUN_DEPTH = 100;

/** A table of items that were not there at the fit. */
export const NEW_ITEMS = declareOptions({
  ...MOVED_MODEL,
  items: {
    kind: text('<file>'),
    about: 'a table of items: those that the fit did not know are read, and can be recommended',
  },
  idColumn: { kind: text('<name>'), about: 'column of the id there, where its name does not tell' },
  replaceKnown: { kind: toggle, about: 'rows of known items replace what the fit kept of them' },
  ...declareTable(),
});

/** Whom a list or an answer is for. */
export const WHOM = declareOptions({
  user: { kind: text('<id>'), about: 'a user of the interactions' },
  history: { kind: listOfIds, about: 'items of a new user, the oldest first; a JSON list where ids hold commas' },
});

const reasons: Kind<string | true> = {
  ...text('[folder]'),
  read: (given) => (given.at(-1) === '' ? true : given.at(-1)),
  holds: (value) => value === true || (typeof value === 'string' && value !== ''),
};

/** Of `softprompt recommend for`, beside the selection. */
export const RECOMMEND_FOR = declareOptions({
  ...WHOM,
  interactions: {
    kind: text('<file>'),
    about: 'interactions since the fit; --user may be new there',
  },
  skipUnknown: { kind: toggle, about: 'leave unknown items of the history out' },
  userAttributes: {
    kind: textByName('<name=value,…>', 'columns and values, such as gender=F,age=31', parseUserAttributes),
    about: "attributes of the user, such as 'gender=F,age=31'",
  },
  explain: {
    kind: reasons,
    about: 'which items of the history speak for each; with a folder of `tune --task explain` a sentence for each',
  },
});

/** Of `softprompt recommend batch`, beside the selection. */
export const RECOMMEND_BATCH = declareOptions({
  out: {
    kind: text('<file>'),
    about: 'for the lists: .parquet, .jsonl, .csv or .tsv',
    required: 'a file for the lists: .parquet, .jsonl, .csv or .tsv',
  },
  onlyUsers: { kind: fileOfIds, about: 'only these users: a file of ids, a,b,c or a JSON list', auto: 'all' },
  skipUnknown: { kind: toggle, about: 'leave unknown users out' },
  interactions: { kind: text('<file>'), about: 'interactions since the fit; users who are new there get a list too' },
  overwrite: { kind: toggle, about: 'replace a file, or unfinished lists, that are already there' },
  ...SHARDS,
});

/** Of `softprompt recommend evaluate`. */
export const EVALUATE_RECOMMENDER = declareOptions({
  ...MOVED_MODEL,
  baselines: {
    kind: toggle,
    about: 'tune and measure popularity, ItemKNN, EASE, iALS, BPR-MF, GRU4Rec, BERT4Rec and SASRec',
  },
  onlyBaselines: FIT.onlyBaselines,
  against: { kind: texts('<folder>'), about: 'another recommender of the same data; repeatable' },
  interactions: { kind: text('<file>'), about: 'where the interactions lie now', auto: 'as fitted' },
  items: { kind: text('<file>'), about: 'where the items lie now', auto: 'as fitted' },
  runFile: {
    kind: text('<file>'),
    about: 'write what each user of the test part would be shown: a run of TREC, or .json',
  },
  runDepth: { kind: count(), about: 'items of each user in the run', default: RUN_DEPTH },
  qrels: { kind: text('<file>'), about: 'write what was to be found: qrels of TREC, or .json' },
  perUser: { kind: text('<file>'), about: 'write the figures of each user: .csv, .tsv, .jsonl or .parquet' },
  overwrite: { kind: toggle, about: 'replace files that are already there' },
});

const recall: Kind<number | true> = {
  ...positiveShare,
  sign: '[recall]',
  read: (given) => (given.at(-1) === '' ? true : positiveShare.read(given)),
  holds: (value) => value === true || positiveShare.holds(value),
};

/** How a list is looked for. */
export const SEARCH = declareOptions({
  approximate: {
    kind: recall,
    about: 'look at a part of a large catalogue, so that this share of exact search is found; 0.95 where none is named',
  },
});
