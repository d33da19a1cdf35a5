import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InteractionData } from './interaction-data.js';
import { leaveOneOut } from './interaction-splits.js';
import { shuffleTies } from './tied-times.js';

/** Users of four rows each, the last three at one time, items ascending as in a file that is sorted by them. */
function sortedByItem(users: number): InteractionData {
  const rows = Array.from({ length: 4 * users }, (_, row) => row);
  return {
    users: Array.from({ length: users }, (_, user) => `u${user}`),
    items: ['a', 'b', 'c', 'd'],
    user: Int32Array.from(rows, (row) => Math.floor(row / 4)),
    item: Int32Array.from(rows, (row) => row % 4),
    time: Float64Array.from(rows, (row) => (row % 4 === 0 ? 1 : 2)),
    rating: Float32Array.from(rows, (row) => row % 4),
  };
}

test('each tied item comes last equally often, and what has its own time keeps its place', () => {
  const users = 3000;
  const { data, tied } = shuffleTies(sortedByItem(users), 7);
  assert.equal(tied, 3 * users);
  assert.deepEqual(data.item, Int32Array.from(data.rating!), 'a row keeps what belongs to it');
  const splits = leaveOneOut(data);
  const last = [0, 0, 0, 0];
  for (const item of splits.test.items) last[item]! += 1;
  assert.equal(last[0], 0);
  for (const count of last.slice(1)) assert.ok(Math.abs(count - users / 3) < 150, `${last}`);
  for (let user = 0; user < users; user++) assert.equal(splits.train.items[splits.train.offsets[user]!], 0);
});

test('a seed repeats, another differs, and nothing tied stays as it is', () => {
  const data = sortedByItem(50);
  assert.deepEqual(shuffleTies(data, 1), shuffleTies(data, 1));
  assert.notDeepEqual(shuffleTies(data, 1).data.item, shuffleTies(data, 2).data.item);
  const distinct = { ...data, time: Float64Array.from(data.item.keys()) };
  assert.equal(shuffleTies(distinct, 1).data, distinct);
  const without = { ...data, time: undefined };
  assert.equal(shuffleTies(without, 1).data, without);
});
