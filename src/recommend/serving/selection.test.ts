import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { diversify } from './diversify.js';
import { type Selection, selectItems } from './selection.js';

const everything: Selection = {
  allowed: new Uint8Array(6).fill(1),
  boost: undefined,
  diversity: 0,
  includeSeen: false,
};
// two pairs of alike items, one apart, and one of which nothing is known
const vectors = Float32Array.of(2, 0, 1, 0.1, 0, 3, 0.1, 1, -1, -1, 0, 0);
const scores = () => Float32Array.of(6, 5, 4, 3, 2, 1);
const select = (changes: Partial<Selection>, history: number[] = [], k = 3) => [
  ...selectItems(scores(), Int32Array.from(history), k, { ...everything, ...changes }, vectors),
];

test('what is not allowed or was met is left out; lists may be short', () => {
  assert.deepEqual(select({}), [0, 1, 2]);
  assert.deepEqual(select({}, [1, 1, 5]), [0, 2, 3]);
  assert.deepEqual(select({ includeSeen: true }, [1]), [0, 1, 2]);
  assert.deepEqual(select({ allowed: Uint8Array.of(0, 1, 0, 0, 1, 0) }), [1, 4]);
  assert.deepEqual(select({ allowed: new Uint8Array(6) }), []);
  assert.deepEqual(select({ allowed: new Uint8Array(6), diversity: 0.5 }), []);
});

test('boosts are added, and forbidden items stay forbidden', () => {
  const boost = Float32Array.of(0, -2.5, 0, 4, 0, 100);
  assert.deepEqual(select({ boost, allowed: Uint8Array.of(1, 1, 1, 1, 1, 0) }), [3, 0, 2]);
});

test('diversity takes from each pair of alike items first', () => {
  assert.deepEqual(select({ diversity: 0 }), [0, 1, 2]);
  assert.deepEqual(select({ diversity: 0.3 }), [0, 2, 4]);
  assert.deepEqual(select({ diversity: 1 }), [0, 4, 2]);
});

/** The formula of maximal marginal relevance: what an item is worth after those chosen before. */
function marginalRelevance(pool: number[], own: Float32Array, diversity: number, rows: Float32Array, d: number) {
  const row = (item: number) => [...rows.subarray(item * d, (item + 1) * d)];
  const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  const cosine = (a: number, b: number) => {
    const lengths = Math.sqrt(dot(row(a), row(a)) * dot(row(b), row(b)));
    return lengths === 0 ? 0 : dot(row(a), row(b)) / lengths;
  };
  const [low, high] = [Math.min(...pool.map((i) => own[i]!)), Math.max(...pool.map((i) => own[i]!))];
  const relevance = (item: number) => (high > low ? (own[item]! - low) / (high - low) : 1);
  return (item: number, chosen: number[]) =>
    (1 - diversity) * relevance(item) -
    diversity * (chosen.length === 0 ? 0 : Math.max(...chosen.map((other) => cosine(item, other))));
}

test('diversify chooses the largest marginal relevance each time', () => {
  const number = fc.float({ min: -4, max: 4, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(number, number, number), { minLength: 1, maxLength: 12 }),
      fc.nat(12),
      fc.float({ min: 0, max: 1, noNaN: true }),
      (items, k, diversity) => {
        const own = Float32Array.from(items, ([score]) => score);
        const rows = Float32Array.from(items.flatMap(([, x, y]) => [x, y]));
        const pool = [...items.keys()].sort((a, b) => own[b]! - own[a]!);
        const found = [...diversify(Int32Array.from(pool), own, k, diversity, rows, 2)];
        const value = marginalRelevance(pool, own, diversity, rows, 2);
        assert.equal(new Set(found).size, Math.min(k, items.length));
        found.forEach((item, i) => {
          const before = found.slice(0, i);
          const most = Math.max(
            ...pool.filter((other) => !before.includes(other)).map((other) => value(other, before)),
          );
          assert.ok(value(item, before) > most - 1e-4);
        });
      },
    ),
  );
});
