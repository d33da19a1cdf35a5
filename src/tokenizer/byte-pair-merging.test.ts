import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mergePairs, PairRanks } from './byte-pair-merging.js';

type Merge = readonly [left: number, right: number];

/** Ids below 4 are letters; merge k makes id 4 + k. */
function ranksOf(merges: readonly Merge[]): PairRanks {
  const ranks = new PairRanks(4 + merges.length);
  for (const [rank, [left, right]] of merges.entries()) ranks.add(rank, left, right, 4 + rank);
  return ranks;
}

/** The definition, read aloud: find the lowest rank, merge its leftmost pair, begin again. */
function mergedByDefinition(symbols: readonly number[], merges: readonly Merge[]): number[] {
  const ids = [...symbols];
  for (;;) {
    const rankAt = (i: number) => merges.findLastIndex(([left, right]) => left === ids[i] && right === ids[i + 1]);
    const found = ids.map((_, i) => rankAt(i)).filter((rank) => rank >= 0);
    if (found.length === 0) return ids;
    const lowest = Math.min(...found);
    ids.splice(
      ids.findIndex((_, i) => rankAt(i) === lowest),
      2,
      4 + lowest,
    );
  }
}

test('random symbols and merges: what the definition gives', () => {
  const merges = fc
    .array(fc.tuple(fc.nat(1000), fc.nat(1000)), { maxLength: 25 })
    .map((pairs) => pairs.map(([a, b], rank): Merge => [a % (4 + rank), b % (4 + rank)]));
  fc.assert(
    fc.property(merges, fc.array(fc.nat(3), { maxLength: 40 }), (given, symbols) => {
      assert.deepEqual([...mergePairs(symbols, ranksOf(given))], mergedByDefinition(symbols, given));
    }),
    { numRuns: 2000, seed: 1 },
  );
});

test('a million symbols without a break', () => {
  const doubling = Array.from({ length: 20 }, (_, k): Merge => (k === 0 ? [0, 0] : [3 + k, 3 + k]));
  const symbols = new Array<number>(2 ** 20).fill(0);
  assert.deepEqual(mergePairs(symbols, ranksOf(doubling)), [23]);
  assert.deepEqual(mergePairs([...symbols, 1], ranksOf(doubling)), [23, 1]);
});
