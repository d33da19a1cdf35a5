import { TABLE } from '../../data/table-options.js';
import { choices, count, text, texts, toggle } from '../../options/kind.js';
import { declareOptions, type Given, type Plan } from '../../options/option.js';
import { TUNE } from '../tune-options.js';

/** What a target's learning starts from; `nearest` is the one source whose texts are most like the target's. */
export const START_KINDS = ['none', 'sources', 'nearest', 'average', 'mixture'] as const;
export type StartKind = (typeof START_KINDS)[number];

const startKinds = choices<StartKind>(`names of starts, separated by commas: ${START_KINDS.join(', ')}`, START_KINDS);

/** Everything a user can say about a transfer of prompts between tasks. */
export const TRANSFER = declareOptions({
  model: TUNE.model,
  sets: {
    kind: text('<file>'),
    about: 'the tasks: a JSON list of objects with name, template, labels, train, valid, test, columns, labelColumn',
    required: 'a JSON file of tasks',
  },
  sources: {
    kind: texts('<folder>'),
    about: 'a learned prompt to start from; repeatable',
    flag: 'source',
    auto: 'a prompt is learned on each set first',
  },
  starts: {
    kind: startKinds,
    about:
      'what learning on a target starts from: nothing, each source, the one source whose texts are most like its own, their average, a learned mixture',
    default: ['none', 'sources', 'average', 'mixture'],
  },
  out: { kind: text('<folder>'), about: 'where matrix and prompts go', required: 'a folder for the matrix' },
  overwrite: { kind: toggle, about: 'discard a matrix that is already there' },
  tokens: { kind: count(1000), about: 'learned tokens in front of each template', default: 20 },
  shots: { kind: count(), about: 'training examples a label of a target', default: 16 },
  sourceShots: { kind: count(), about: 'training examples a label of a source', auto: 'all' },
  maxSteps: { kind: count(), about: 'updates on a target', auto: 'as tune has it' },
  sourceSteps: { kind: count(), about: 'updates on a source', auto: 'as tune has it' },
  seeds: { kind: count(1000), about: 'runs of each pair, with seeds from --seed on', default: 3 },
  seed: TUNE.seed,
  batchSize: TUNE.batchSize,
  maxLength: TUNE.maxLength,
  validShare: TUNE.validShare,
  threads: TUNE.threads,
  table: TABLE,
});

/** Plain JSON. */
export type TransferOptions = Given<typeof TRANSFER>;
export type TransferPlan = Plan<typeof TRANSFER>;
