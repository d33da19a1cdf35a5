import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withBorrowedVotes } from './borrowed-votes.js';
import { itemItemScorer, packRows } from './item-item-model.js';

const row = (votes: Readonly<Record<number, number>>) => ({
  targets: Int32Array.from(Object.keys(votes), Number),
  weights: Float32Array.from(Object.values(votes)),
});
/** Items 0 to 3 were met; 4 is like 0, 5 like 1 and 2 alike, 6 has no features. */
const rows = [{ 1: 0.5, 2: 0.1 }, { 0: 0.4, 3: -0.2 }, {}, { 0: 0.3, 1: 0.6 }, {}, {}, {}];
const model = packRows(rows.length, 1, (item) => row(rows[item]!));
const met = Uint8Array.of(1, 1, 1, 1, 0, 0, 0);
const vectors = Float32Array.from(
  [
    [2, 0, 0],
    [0, 1, 0.5],
    [0, 2, -1],
    [-1, -1, -1],
    [9, 0, 0],
    [0, 3, 0],
    [0, 0, 0],
  ].flat(),
);

/** The same by its definition, all pairs. */
function byDefinition(history: readonly number[]): number[] {
  const at = (item: number) => [...vectors.subarray(3 * item, 3 * item + 3)];
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  const cosine = (a: number, b: number) => dot(at(a), at(b)) / Math.sqrt(dot(at(a), at(a)) * dot(at(b), at(b)));
  const shares = (item: number): number[] => {
    if (item < 4) return [0, 1, 2, 3].map((other) => (other === item ? 1 : 0));
    const near = [0, 1, 2, 3].map((other) => (item === 6 ? 0 : Math.exp(cosine(item, other) / 0.1)));
    const sum = near.reduce((a, b) => a + b) || 1;
    return near.map((x) => x / sum);
  };
  const most = rows.map((votes) => Math.max(0, ...Object.values(votes)));
  const says = (speaker: number, target: number) => {
    if (speaker === target) return 0;
    let sum = 0;
    shares(speaker).forEach((given, from) => {
      shares(target).forEach((lent, to) => {
        const vote = from === to ? 2 * most[from]! : ((rows[from] as Record<number, number>)[to] ?? 0);
        const counts = speaker < 4 && target < 4 ? from !== to : target < 4 || vote > 0;
        if (counts) sum += given * lent * vote;
      });
    });
    return sum;
  };
  return rows.map((_, target) => history.reduce((sum, speaker) => sum + says(speaker, target), 0));
}

test('items that nobody met get the votes of those like them, and give theirs', async () => {
  const borrowed = await withBorrowedVotes(model, { vectors, width: 3 }, met, { threads: 1 });
  const out = new Float32Array(rows.length);
  for (const history of [[0], [1], [2], [3], [4], [5], [6], [0, 4], [1, 3, 5]]) {
    itemItemScorer(borrowed).scoreUser(Int32Array.from(history), out);
    byDefinition(history).forEach((expected, item) => {
      assert.ok(Math.abs(out[item]! - expected) < 1e-5, `${history} says ${out[item]} for ${item}, not ${expected}`);
    });
  }
  itemItemScorer(borrowed).scoreUser(Int32Array.of(0), out);
  assert.ok(out[4]! > out[1]! && out[1]! > out[5]! && out[5]! > 0, `${out}`);
});

test('votes between items that were met stay', async () => {
  const borrowed = await withBorrowedVotes(model, { vectors, width: 3 }, met, { threads: 1 });
  for (let item = 0; item < 4; item++) {
    const places = [...borrowed.targets.subarray(borrowed.offsets[item], borrowed.offsets[item + 1])];
    const kept = places.flatMap((target, i) =>
      target < 4 ? [[target, borrowed.weights[borrowed.offsets[item]! + i]!] as const] : [],
    );
    assert.deepEqual(
      new Map(kept),
      new Map(Object.entries(rows[item]!).map(([to, x]) => [Number(to), Math.fround(x)])),
    );
  }
});

test('nothing changes where all were met, or nothing is known of the others', async () => {
  const all = new Uint8Array(7).fill(1);
  assert.equal(await withBorrowedVotes(model, { vectors, width: 3 }, all, { threads: 1 }), model);
  const silent = { vectors: vectors.map((x, i) => (i < 12 ? x : 0)), width: 3 };
  assert.equal(await withBorrowedVotes(model, silent, met, { threads: 1 }), model);
});
