import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SoftpromptError } from '../errors.js';
import { optionsJsonSchema } from './json-schema.js';
import { choice, count, endless, positive, text, toggle, wordOr } from './kind.js';
import { declareOptions, describeOption, type Given, optionGroup, type Plan } from './option.js';
import { optionsRecord } from './option-record.js';
import { settle } from './settle.js';

const OPTIONS = declareOptions({
  out: { kind: text('<folder>'), about: 'where it goes', required: 'a folder' },
  batchSize: { kind: count(), about: 'examples an update', default: 16 },
  learningRate: { kind: wordOr('auto', positive('<rate>')), about: 'learning rate', flag: 'lr', default: 'auto' },
  patience: { kind: endless(count()), about: '', auto: 'never', default: Number.POSITIVE_INFINITY },
  baselines: { kind: toggle, about: 'leave out the baselines', default: true },
  table: optionGroup({ format: { kind: choice('<format>', ['csv', 'tsv']), about: 'format' } }),
});

const refused = (given: object) => {
  let refusal: SoftpromptError | undefined;
  assert.throws(
    () => settle(OPTIONS, given as Given<typeof OPTIONS>, 'TUNING_SETTING'),
    (error: SoftpromptError) => {
      refusal = error;
      return error.code === 'TUNING_SETTING';
    },
  );
  return refusal!.message;
};

test('a plan holds every default, and settling it again changes nothing', () => {
  const plan: Plan<typeof OPTIONS> = settle(OPTIONS, { out: 'o', batchSize: undefined }, 'TUNING_SETTING');
  assert.deepEqual(plan, {
    out: 'o',
    batchSize: 16,
    learningRate: 'auto',
    patience: Number.POSITIVE_INFINITY,
    baselines: true,
    table: { format: undefined },
  });
  const rate: number | 'auto' = plan.learningRate;
  assert.equal(rate, 'auto');
  assert.deepEqual(settle(OPTIONS, plan, 'TUNING_SETTING'), plan);
});

test('what is wrong is told by its name, with what was expected and its flag', () => {
  assert.match(refused({ out: 'o', batchSize: -1 }), /batchSize is -1.*whole number from 1.*--batch-size.*\(16\)/s);
  assert.match(refused({ out: 'o', learningRate: 'fast' }), /learningRate is "fast".*above 0, or auto.*--lr/s);
  assert.match(refused({ out: 'o', baselines: 'no' }), /true or false.*--no-baselines/s);
  assert.match(refused({ out: 'o', table: { format: 'xml' } }), /table\.format is "xml".*one of csv, tsv.*--format/s);
  assert.match(refused({}), /out is missing.*a folder.*--out/s);
});

test('an option that does not exist is refused with the nearest one', () => {
  assert.match(refused({ out: 'o', bachSize: 1 }), /no option bachSize.*batchSize/s);
  assert.match(refused({ out: 'o', lr: 1 }), /no option lr.*learningRate/s);
  assert.match(refused({ out: 'o', colour: 1 }), /no option colour.*one of out, batchSize/s);
  settle(OPTIONS, { out: 'o', colour: undefined } as Given<typeof OPTIONS>, 'TUNING_SETTING');
});

test('records keep types and leave ranges to the plan: what an earlier version wrote is read', () => {
  const record = optionsRecord(OPTIONS);
  const kept = { out: 'o', batchSize: 0.5, patience: Number.POSITIVE_INFINITY, table: {} };
  assert.deepEqual(record.parse({ ...kept, gone: 1 }), kept);
  for (const wrong of [{}, { out: 3 }, { out: 'o', batchSize: '16' }, { out: 'o', table: { format: 'xml' } }]) {
    assert.equal(record.safeParse(wrong).success, false, JSON.stringify(wrong));
  }
});

test('a JSON schema says types, ranges, defaults and what is required', () => {
  const { properties, required } = optionsJsonSchema(OPTIONS) as unknown as {
    properties: Record<string, Record<string, unknown>>;
    required: string[];
  };
  assert.deepEqual(required, ['out']);
  assert.deepEqual(properties.batchSize, {
    type: 'integer',
    minimum: 1,
    maximum: 2 ** 31 - 1,
    description: 'examples an update (default: 16)',
    default: 16,
  });
  assert.deepEqual(properties.learningRate!.anyOf, [{ const: 'auto' }, { type: 'number', exclusiveMinimum: 0 }]);
  assert.equal(properties.patience!.default, undefined);
  assert.deepEqual(properties.table!.properties, { format: { enum: ['csv', 'tsv'], description: 'format' } });
});

test('a line of help can be said in another language', () => {
  const say = (english: string) => ({ 'examples an update': '每步样本数', default: '默认' })[english] ?? english;
  assert.equal(describeOption(OPTIONS.batchSize, say), '每步样本数 (默认: 16)');
  assert.equal(describeOption(OPTIONS.patience), 'default: never');
});
