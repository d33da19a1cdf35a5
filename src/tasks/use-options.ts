import { EXAMPLES_AS_TUNED } from '../data/example-options.js';
import { parseFieldColumns } from '../data/load-examples.js';
import { SHARDS } from '../data/writing/shard-options.js';
import { MOVED_MODEL } from '../network/loading-options.js';
import { count, text, textByName, toggle } from '../options/kind.js';
import { declareOptions } from '../options/option.js';
import { DECODING, GENERATING } from './generate-options.js';
import { TUNE } from './tune-options.js';

/** How texts are generated. */
const ANSWERED = {
  ...DECODING,
  jsonSchemaFile: {
    kind: text('<file>'),
    about: 'the answer is JSON that the schema in this file holds for',
    flag: 'json-schema',
  },
  ...GENERATING,
} as const;

/** What commands that open a prompt can be told: where its model lies now, and how a file of texts is read. */
const OPENED = { ...MOVED_MODEL, ...EXAMPLES_AS_TUNED } as const;

/** Of `softprompt evaluate`. */
export const EVALUATE = declareOptions({
  data: {
    kind: text('<file>'),
    about: 'examples with labels, or with targets where texts are generated',
    required: 'a file of labelled examples',
  },
  ...OPENED,
  targetColumn: { kind: text('<name>'), about: 'column of the target', auto: 'as tuned, or target' },
  ...ANSWERED,
  measureTexts: TUNE.measureTexts,
});

/** Of `softprompt predict`. */
export const PREDICT = declareOptions({
  data: { kind: text('<file>'), about: 'many texts' },
  out: { kind: text('<file>'), about: 'where the labels of --data go: .csv, .tsv, .jsonl or .parquet' },
  overwrite: { kind: toggle, about: 'replace a file, or unfinished labels, that are already there' },
  ...SHARDS,
  ...OPENED,
});

/** Of `softprompt generate`. */
export const GENERATE = declareOptions({
  data: { kind: text('<file>'), about: 'many texts' },
  slots: {
    kind: textByName('<name=text>', 'a text by each slot', parseFieldColumns, true),
    about: 'the text of a slot, where the template has several; repeatable',
    flag: 'slot',
  },
  ...OPENED,
  ...ANSWERED,
});

/** Of `softprompt inspect` on a prompt. */
export const INSPECT = declareOptions({
  data: { kind: text('<file>'), about: 'texts whose decisions to explain' },
  limit: { kind: count(), about: 'how many of them', default: 5 },
  words: { kind: count(), about: 'nearest words a learned token', default: 5 },
  ...OPENED,
});
