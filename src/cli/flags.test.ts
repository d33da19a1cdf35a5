import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collect, modelOptions, numberFromZero, tableOptions, wholeNumber } from './flags.js';

test('numbers are read whole or not at all', () => {
  assert.deepEqual(['0', '12'].map(wholeNumber), [0, 12]);
  for (const wrong of ['', '-1', '1.5', '1e3', '12px', ' 1'])
    assert.throws(() => wholeNumber(wrong), /whole number/, wrong);
  assert.deepEqual(['0', '0.5', '1e-3'].map(numberFromZero), [0, 0.5, 0.001]);
  for (const wrong of ['', ' ', '-1', 'NaN', 'Infinity', '1,5'])
    assert.throws(() => numberFromZero(wrong), /number from 0/, wrong);
});

test('flags become options, and what is not given stays at its default', () => {
  assert.deepEqual(collect('b=c', collect('a=b', undefined)), ['a=b', 'b=c']);
  assert.deepEqual(tableOptions({ field: ['text=sentence'], labelColumn: 'y', names: 'a,b', format: 'tsv' }), {
    columns: { text: 'sentence' },
    labelColumn: 'y',
    table: { format: 'tsv', names: ['a', 'b'], quoted: undefined },
  });
  assert.deepEqual(modelOptions({}), { threads: undefined, cacheFolder: undefined, hub: {} });
  assert.deepEqual(modelOptions({ threads: 2, cache: 'c', revision: 'r', offline: true }), {
    threads: 2,
    cacheFolder: 'c',
    hub: { revision: 'r', offline: true },
  });
});
