import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addGradient } from '../../test/recommend/whole-gradient.js';
import { Random } from '../random.js';
import { adamWInPlace } from './adamw.js';
import { lazyAdamWInPlace, rowsOf } from './row-gradient.js';

const ROWS = 5;
const WIDTH = 3;
const settings = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1 };
const random = new Random(6);
const numbers = (count: number) => Float32Array.from({ length: count }, () => random.normal());
const start = () => ({
  table: numbers(ROWS * WIDTH),
  moments: { first: new Float32Array(ROWS * WIDTH), second: new Float32Array(ROWS * WIDTH) },
});
const rowOf = (table: Float32Array, row: number) => [...table.subarray(row * WIDTH, (row + 1) * WIDTH)];

test('rows that every batch uses are updated as by AdamW, the others stay', () => {
  const lazy = start();
  const whole = { table: lazy.table.slice(), moments: structuredClone(lazy.moments) };
  const before = lazy.table.slice();
  for (let step = 1; step <= 4; step++) {
    const gradient = { rows: Int32Array.of(4, 1), values: numbers(2 * WIDTH) };
    const dense = new Float32Array(ROWS * WIDTH);
    addGradient(dense, gradient);
    lazyAdamWInPlace(lazy.table, gradient, lazy.moments, 0.5, step, 0.01, settings);
    adamWInPlace(whole.table, dense, whole.moments, 0.5, step, 0.01, settings);
  }
  assert.deepEqual(rowsOf(lazy.table, Int32Array.of(1, 4), WIDTH), rowsOf(whole.table, Int32Array.of(1, 4), WIDTH));
  for (const row of [0, 2, 3]) {
    assert.deepEqual(rowOf(lazy.table, row), rowOf(before, row));
    assert.notDeepEqual(rowOf(whole.table, row), rowOf(before, row), 'AdamW decays them');
  }
});

test('a row that rests keeps its moments, which AdamW lets fade, and does not go on moving', () => {
  const lazy = start();
  const whole = { table: lazy.table.slice(), moments: structuredClone(lazy.moments) };
  const gradient = { rows: Int32Array.of(2), values: Float32Array.of(1, -2, 3) };
  const dense = new Float32Array(ROWS * WIDTH);
  addGradient(dense, gradient);
  const plain = { ...settings, weightDecay: 0 };
  lazyAdamWInPlace(lazy.table, gradient, lazy.moments, 1, 1, 0.01, plain);
  adamWInPlace(whole.table, dense, whole.moments, 1, 1, 0.01, plain);
  assert.deepEqual(lazy, whole, 'the first update is the same');
  const rested = structuredClone(lazy);
  lazyAdamWInPlace(lazy.table, { rows: Int32Array.of(0), values: numbers(WIDTH) }, lazy.moments, 1, 2, 0.01, plain);
  adamWInPlace(whole.table, new Float32Array(ROWS * WIDTH), whole.moments, 1, 2, 0.01, plain);
  assert.deepEqual(rowOf(lazy.table, 2), rowOf(rested.table, 2));
  assert.deepEqual(rowOf(lazy.moments.first, 2), rowOf(rested.moments.first, 2));
  rowOf(whole.table, 2).forEach((x, i) => {
    assert.notEqual(x, rowOf(rested.table, 2)[i]);
    const faded = rowOf(whole.moments.first, 2)[i]! / rowOf(rested.moments.first, 2)[i]!;
    assert.ok(Math.abs(faded - settings.beta1) < 1e-6);
  });
});
