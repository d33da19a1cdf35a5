import assert from 'node:assert/strict';
import { test } from 'node:test';
import { learnedAttentionFeeds } from './learned-encoder.js';
import { cutSequences, packSequences, packTraining } from './packed-sequences.js';

const encoder = (heads: number) => ({
  feeds: (lengths: readonly number[]) =>
    learnedAttentionFeeds(lengths, { width: 2 * heads, heads, layers: 1, maxLength: 9 }),
});
const numbers = (feed: unknown) => Array.from(feed as ArrayLike<number | bigint>, Number);

test('rows are items one after the other, targets the items after them', () => {
  const { feeds, sizes } = packTraining([Int32Array.of(7, 4, 5), Int32Array.of(3, 9)], encoder(2));
  assert.deepEqual(sizes, { N: 3, B: 2, T: 2 });
  assert.deepEqual(numbers(feeds.items), [7, 4, 3]);
  assert.deepEqual(numbers(feeds.targets), [4, 5, 9]);
  assert.deepEqual(numbers(feeds.positions), [0, 1, 0]);
  assert.deepEqual(numbers(feeds.lastRows), [1, 2]);
  assert.ok(!('isItem' in feeds));
});

test('a user row stands in front of each history, also of an empty one, and predicts the first item', () => {
  const { feeds, sizes } = packTraining([Int32Array.of(7, 4, 5), Int32Array.of(3)], encoder(2), true);
  assert.deepEqual(sizes, { N: 4, B: 2, T: 3 });
  assert.deepEqual(numbers(feeds.isItem), [0, 1, 1, 0]);
  assert.deepEqual(numbers(feeds.userRows), [1, 0, 0, 0, 0, 0, 0, 1]);
  assert.deepEqual(numbers(feeds.items), [0, 7, 4, 0]);
  assert.deepEqual(numbers(feeds.positions), [0, 0, 1, 0]);
  assert.deepEqual(numbers(feeds.targets), [7, 4, 5, 3]);
  assert.deepEqual(numbers(feeds.lastRows), [2, 3]);
  assert.equal(packSequences([new Int32Array(0)], encoder(1), true).sizes.N, 1);
});

test('attention blocks and rows lead to each other', () => {
  for (const userRow of [false, true]) {
    const heads = 2;
    const sequences = [Int32Array.of(1), Int32Array.of(2, 3, 4), Int32Array.of(5, 6)];
    const { feeds, sizes } = packSequences(sequences, encoder(heads), userRow);
    const [attended, inverse] = [numbers(feeds.attended), numbers(feeds.attendedOwnInverse)];
    assert.equal(new Set(attended).size, sizes.N * heads);
    attended.forEach((place, row) => {
      assert.equal(inverse[place], row);
    });
    numbers(feeds.keyOwn).forEach((source, place) => {
      if (inverse[place] === -1) return;
      assert.equal(numbers(feeds.queryKeyInverse)[source], sizes.B * heads * sizes.T + place);
    });
  }
});

test('a batch is cut into even pieces, as many for each runner', () => {
  const sequences = [5, 1, 1, 1, 4, 3, 2, 3].map((length, i) => new Int32Array(length).fill(i));
  const cut = (most: number, runners?: number) =>
    cutSequences(sequences, most, runners).map((piece) => piece.of(sequences).map(({ length }) => length));
  assert.deepEqual(cut(Number.POSITIVE_INFINITY), [[5, 1, 1, 1, 4, 3, 2, 3]]);
  assert.deepEqual(cut(Number.POSITIVE_INFINITY, 2), [
    [5, 1, 1, 1],
    [4, 3, 2, 3],
  ]);
  assert.deepEqual(cut(10), [
    [5, 1, 1, 1],
    [4, 3, 2, 3],
  ]);
  assert.equal(cut(8, 2).length, 4);
  assert.deepEqual(cut(1).flat(), [5, 1, 1, 1, 4, 3, 2, 3]);
  assert.deepEqual(cutSequences([new Int32Array(3)], 100, 4).length, 1);
});
