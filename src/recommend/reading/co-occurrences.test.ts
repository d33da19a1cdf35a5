import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../random.js';
import { besideItem, coOccurrences } from './co-occurrences.js';
import { pairSampler } from './contrastive-batch.js';

const sequences = (histories: readonly (readonly number[])[]) => {
  const offsets = Int32Array.from({ length: histories.length + 1 }, (_, user) =>
    histories.slice(0, user).reduce((sum, { length }) => sum + length, 0),
  );
  return { offsets, items: Int32Array.from(histories.flat()), times: undefined, ratings: undefined };
};

test('items count by how near they stand, each pair both ways, no item beside itself', () => {
  const wanted = Uint8Array.of(1, 1, 1, 1, 0, 1, 1, 1, 1);
  // from 1 to 8 is further than a window
  const beside = coOccurrences(sequences([[1, 2, 1, 4, 3], [2, 1], [1, 3, 4, 5, 6, 7, 8], [0]]), wanted);
  const row = (item: number) => {
    const { others, weights } = besideItem(beside, item);
    return new Map(Array.from(others, (other, i) => [other, weights[i]!]));
  };
  assert.equal(row(1).get(2), 1 + 1 + 1);
  assert.equal(row(2).get(1), 3);
  assert.equal(row(1).get(3), 1 / 4 + 1 / 2 + 1);
  assert.ok(!row(1).has(1) && !row(1).has(8) && !row(1).has(4));
  assert.equal(row(8).get(3), 1 / 5);
  assert.deepEqual([...row(0)], []);
});

test('a batch holds items with one beside them, each once, and says how near they should be', () => {
  const beside = coOccurrences(
    sequences([
      [0, 1],
      [2, 3],
      [4, 5],
      [0, 2],
    ]),
    new Uint8Array(7).fill(1),
  );
  const sampler = pairSampler(beside)!;
  for (let seed = 0; seed < 20; seed++) {
    const { items, targets } = sampler.draw(4, new Random(seed));
    assert.equal(items.length, 4);
    assert.equal(new Set(items).size, 4);
    assert.ok(!items.includes(6), 'an item that stands alone is not drawn');
    items.forEach((item, row) => {
      const own = [...targets.subarray(row * 4, row * 4 + 4)];
      const near = own.map((target, column) => [items[column]!, target] as const).filter(([, target]) => target > 0);
      const { others } = besideItem(beside, item);
      assert.deepEqual(
        near.map(([other]) => other).sort(),
        [...others].filter((other) => items.includes(other)).sort(),
      );
      const sum = own.reduce((total, target) => total + target, 0);
      assert.ok(near.length === 0 ? sum === 0 : Math.abs(sum - 1) < 1e-6);
    });
  }
  assert.ok(sampler.draw(100, new Random(1)).items.length <= 6);
  assert.equal(pairSampler(coOccurrences(sequences([[0], [1]]), new Uint8Array(2).fill(1))), undefined);
});
