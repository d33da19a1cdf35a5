import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Matrix, SVD } from 'ml-matrix';
import { Random } from '../../random.js';
import { fitHistoryVectors, historyVector } from './history-vectors.js';
import { fitItemFactors, itemFactorsOf } from './item-factors.js';

const random = new Random(3);
const [SETS, ITEMS] = [40, 25];
const histories = Array.from({ length: SETS }, (_, set) =>
  Array.from({ length: ITEMS }, (_, item) => item).filter(
    (item) => random.uniform() < (item % 3 === set % 3 ? 0.6 : 0.15),
  ),
).map((items, set) => (items.length > 0 ? items : [set % ITEMS]));

test('factors are the right singular vectors of the weighed matrix', () => {
  const offsets = Int32Array.of(0, ...histories.map((_, n) => histories.slice(0, n + 1).flat().length));
  const width = 6;
  const { vectors, weights } = fitItemFactors(
    { offsets, items: Int32Array.from(histories.flat()), count: ITEMS },
    width,
    0,
  );
  const counts = Array.from({ length: ITEMS }, (_, item) => histories.filter((set) => set.includes(item)).length);
  const idf = counts.map((n) => Math.log((1 + SETS) / (1 + n)));
  assert.ok(weights.every((weight, item) => Math.abs(weight - idf[item]!) < 1e-6));
  const matrix = Matrix.zeros(SETS, ITEMS);
  histories.forEach((set, row) => {
    const length = Math.sqrt(set.reduce((sum, item) => sum + idf[item]! ** 2, 0));
    for (const item of set) matrix.set(row, item, idf[item]! / length);
  });
  const { rightSingularVectors: exact } = new SVD(matrix);
  for (let k = 0; k < width; k++) {
    const dot = Array.from({ length: ITEMS }, (_, i) => vectors[i * width + k]! * exact.get(i, k));
    assert.ok(Math.abs(Math.abs(dot.reduce((a, b) => a + b)) - 1) < 1e-3, `direction ${k}`);
  }
});

test('histories become vectors of mean 0 and deviation 1 / √width, alike for alike ones; nobody knows an unknown item', () => {
  const named = histories.map((set) => set.map((item) => `i${item}`));
  const fitted = fitHistoryVectors(itemFactorsOf(named, 5, 1), named);
  const made = named.map((history) => historyVector(fitted, history)!);
  for (let k = 0; k < 5; k++) {
    const mean = made.reduce((sum, vector) => sum + vector[k]!, 0) / SETS;
    const variance = made.reduce((sum, vector) => sum + (vector[k]! - mean) ** 2, 0) / SETS;
    assert.ok(Math.abs(mean) < 1e-5 && Math.abs(variance - 1 / 5) < 1e-4, `${mean} ${variance}`);
  }
  assert.deepEqual(historyVector(fitted, [...named[0]!, ...named[0]!, 'unknown']), made[0]);
  assert.equal(historyVector(fitted, ['unknown']), undefined);
  assert.deepEqual(itemFactorsOf(named, 5, 1).values, itemFactorsOf(named, 5, 1).values, 'the same by the same seed');
  assert.equal(itemFactorsOf(named.slice(0, 3), 5, 1).width, 3, 'no more than there are histories');
});
