import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InteractionSplits, Sequences } from '../data/interactions/interaction-splits.js';
import { rankHeldOut } from './rank-held-out.js';
import type { BatchScorer } from './scorer.js';

function part(lists: readonly (readonly number[])[]): Sequences {
  const offsets = [0];
  for (const list of lists) offsets.push(offsets.at(-1)! + list.length);
  const items = Int32Array.from(lists.flat());
  return { offsets: Int32Array.from(offsets), items, times: undefined, ratings: undefined };
}

const splits: InteractionSplits = {
  users: ['a', 'b', 'c'],
  items: ['0', '1', '2', '3', '4', '5'],
  protocol: 'by hand',
  train: part([[5, 4, 5], [0], [1]]),
  valid: part([[3], [], [0]]),
  test: part([[2, 0, 2, 5], [], [3]]),
};

/** The higher code is better; notes what it was asked. */
function byCode(asked: [user: number, history: number[]][] = []): BatchScorer {
  return async (users, histories) => {
    users.forEach((user, i) => {
      asked.push([user, [...histories[i]!]]);
    });
    return Float32Array.from({ length: users.length * 6 }, (_, i) => i % 6);
  };
}

test('the test follows training and validation; history is hidden, relevant items stay and count once', async () => {
  for (const batchSize of [1, 2, 64]) {
    const asked: [number, number[]][] = [];
    const { targets, lists } = await rankHeldOut(byCode(asked), splits, { part: 'test', k: 3, batchSize });
    assert.deepEqual(asked, [
      [0, [5, 4, 5, 3]],
      [2, [1, 0]],
    ]);
    assert.deepEqual([...targets.users], [0, 2]);
    assert.deepEqual([...targets.offsets], [0, 3, 4]);
    assert.deepEqual([...targets.items], [2, 0, 5, 3]);
    assert.deepEqual([...targets.ranks], [2, 4, 1, 3]); // 5, 2, 1, 0 for a; 5, 4, 3, 2 for c
    assert.deepEqual([...lists.items], [5, 2, 1, 5, 4, 3]);
  }
});

test('validation follows training alone', async () => {
  const asked: [number, number[]][] = [];
  const { targets } = await rankHeldOut(byCode(asked), splits, { part: 'valid' });
  assert.deepEqual(asked, [
    [0, [5, 4, 5]],
    [2, [1]],
  ]);
  assert.deepEqual([...targets.ranks], [1, 5]); // 3, 2, 1, 0 for a; 5, 4, 3, 2, 0 for c
});

test('with the history in the ranking, and with only some items to find or to rank', async () => {
  const ranked = await rankHeldOut(byCode(), splits, { part: 'test', seen: 'ranked' });
  assert.deepEqual([...ranked.targets.ranks], [4, 6, 1, 3]);
  const wanted = await rankHeldOut(byCode(), splits, { part: 'test', relevant: Uint8Array.of(1, 0, 1, 0, 0, 0) });
  assert.deepEqual([...wanted.targets.users], [0]);
  assert.deepEqual([...wanted.targets.ranks], [1, 3], 'what else the part holds is hidden if the user had it');
  const few = { part: 'test', candidates: Uint8Array.of(1, 1, 0, 0, 0, 0), k: 2 } as const;
  const among = await rankHeldOut(byCode(), splits, few);
  assert.deepEqual([...among.targets.items], [2, 0, 5, 3]);
  assert.deepEqual([...among.targets.ranks], [2, 4, 1, 1], 'relevant items are always ranked');
});
