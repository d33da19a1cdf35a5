import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import type { TunedBaseline } from './baselines/tune-baseline.js';
import { itemItemModel, itemItemScorer } from './item-item-model.js';
import type { Scorer } from './scorer.js';

const ITEMS = 9;
const random = new Random(3);
const matrix = Array.from({ length: ITEMS }, () =>
  Float32Array.from({ length: ITEMS }, () => (random.integer(3) === 0 ? 0 : random.integer(7) - 3)),
);
const dense: Scorer = {
  scoreUser: (history, out) =>
    out.set(history.reduce((sum, item) => sum.map((x, i) => x + matrix[item]![i]!), new Float32Array(ITEMS))),
};
const sparse: Scorer = {
  scoreUser: () => assert.fail('votes are enough'),
  votesOf: (item) => {
    const targets = Int32Array.from(matrix[item]!.keys()).filter((target) => matrix[item]![target] !== 0);
    return { targets, weights: Float32Array.from(targets, (target) => matrix[item]![target]!) };
  },
};
const baseline = (scorer: Scorer): TunedBaseline => ({ name: 'ease', settings: {}, trials: 1, validNdcg: 0, scorer });

test('the model keeps the largest entries of each item, from dense rows and from votes', () => {
  for (const kept of [1, 3, 8, 400]) {
    const model = itemItemModel(baseline(dense), ITEMS, kept);
    assert.deepEqual(itemItemModel(baseline(sparse), ITEMS, kept), model);
    matrix.forEach((row, item) => {
      const expected = [...row.keys()]
        .filter((target) => row[target] !== 0)
        .sort((a, b) => Math.abs(row[b]!) - Math.abs(row[a]!) || a - b)
        .slice(0, kept);
      const [from, to] = [model.offsets[item]!, model.offsets[item + 1]!];
      assert.deepEqual([...model.targets.subarray(from, to)], expected);
      assert.deepEqual(
        [...model.weights.subarray(from, to)],
        expected.map((target) => row[target]!),
      );
    });
  }
  const whole = itemItemScorer(itemItemModel(baseline(dense), ITEMS));
  const [found, expected] = [new Float32Array(ITEMS), new Float32Array(ITEMS)];
  whole.scoreUser(Int32Array.of(2, 7), found);
  dense.scoreUser(Int32Array.of(2, 7), expected);
  assert.deepEqual(found, expected);
});
