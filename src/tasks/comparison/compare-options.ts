import { TABLE } from '../../data/table-options.js';
import { METHOD_NAMES, type MethodName } from '../../methods/registry.js';
import { choices, count, list, positive, text, toggle } from '../../options/kind.js';
import { declareOptions, type Given, type Plan } from '../../options/option.js';
import { LEARN, labelWords, TUNE } from '../tune-options.js';

const methods = choices<MethodName>(`names of methods, separated by commas: ${METHOD_NAMES.join(', ')}`, METHOD_NAMES);

/** Numbers above 0 in one flag: `16,64`. @param whole whether fractions are refused */
function numbers(whole: boolean) {
  const holds = (value: unknown) =>
    typeof value === 'number' && Number.isFinite(value) && value > 0 && (!whole || Number.isInteger(value));
  return list<number>(
    '<list>',
    `${whole ? 'whole ' : ''}numbers above 0, separated by commas`,
    { holds, json: { type: whole ? 'integer' : 'number', exclusiveMinimum: 0 } },
    (given) => {
      const values = given.split(',').map(Number);
      return values.every(holds) ? values : undefined;
    },
  );
}

/** Everything a user can say about a comparison of methods. */
export const COMPARE = declareOptions({
  model: TUNE.model,
  template: { kind: text('<template>'), about: 'as for tune; learned tokens are left out for methods without any' },
  labels: { kind: labelWords, about: 'label in the data → word in the text, JSON' },
  train: { kind: text('<file>'), about: 'training examples: JSONL, CSV, TSV or Parquet, .gz too' },
  valid: TUNE.valid,
  test: { kind: text('<file>'), about: 'test examples', auto: 'the validation examples judge' },
  sets: {
    kind: text('<file>'),
    about:
      'several data sets instead: a JSON list of objects with name, template, labels, train, valid, test, columns, labelColumn',
    excludes: ['train'],
  },
  out: { kind: text('<folder>'), about: 'where the comparison goes', required: 'a folder for the comparison' },
  overwrite: { kind: toggle, about: 'discard a comparison that is already there' },
  methods: { kind: methods, about: 'what is compared', default: ['soft', 'prefix', 'lora', 'head'] },
  shots: { kind: numbers(true), about: 'budgets of data: so many training examples a label', auto: 'all' },
  maxSteps: { kind: numbers(true), about: 'budgets of training: updates in all', auto: 'as tune has it' },
  seconds: {
    kind: numbers(false),
    about: 'budgets of training: so many seconds, by the speed of a first try',
    excludes: ['maxSteps'],
  },
  seeds: { kind: count(1000), about: 'runs of each method on each budget, with seeds from --seed on', default: 3 },
  seed: TUNE.seed,
  batchSize: TUNE.batchSize,
  maxLength: TUNE.maxLength,
  validShare: TUNE.validShare,
  tokens: { kind: count(1000), about: 'learned tokens where the template has none', default: 20 },
  columns: LEARN.columns,
  labelColumn: LEARN.labelColumn,
  threads: TUNE.threads,
  margin: {
    kind: positive('<points>'),
    about: 'difference of accuracy, in points, that is not worth a costlier method',
    default: 1,
  },
  table: TABLE,
});

/** Plain JSON. */
export type CompareOptions = Given<typeof COMPARE>;
export type ComparePlan = Plan<typeof COMPARE>;
