import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNumberColumn, readNumber } from './number-column.js';

test('numbers as pandas, NumPy and JSON write them are numbers; ids and codes are none', () => {
  const numbers: readonly [string, number][] = [
    ['0', 0],
    ['-7', -7],
    ['4.0', 4],
    ['4.', 4],
    ['1e-05', 1e-5],
    ['1.5E+3', 1500],
    ['0.30000000000000004', 0.1 + 0.2],
    ['-0.0', -0],
    ['1.2345678901234567e+19', 1.2345678901234567e19],
    ['inf', Number.POSITIVE_INFINITY],
    ['-inf', Number.NEGATIVE_INFINITY],
  ];
  for (const [text, number] of numbers) assert.equal(readNumber(text), number, text);
  for (const text of ['nan', 'NaN', '<NA>', 'null', 'None', '\\N']) assert.ok(Number.isNaN(readNumber(text)), text);
  for (const text of ['007', '00501', '1234567890123456', '1,5', '1,234.5', '', ' 1', '0x1f', '12e', 'e5', '+5', '.']) {
    assert.equal(readNumber(text), undefined, text);
  }
});

test('a column of numbers may have gaps, but must say something', () => {
  assert.ok(isNumberColumn(['4.5', '', 'nan', '1e-05', 'inf']));
  assert.ok(!isNumberColumn(['nan', '']));
  assert.ok(!isNumberColumn(['1', 'one']));
  assert.ok(!isNumberColumn([]));
});
