import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InteractionSplits, Sequences } from '../data/interactions/interaction-splits.js';
import { sampleHeldOut, usersByDefault } from './held-out-users.js';
import { rankHeldOut } from './rank-held-out.js';

const USERS = 3000;

/** Every third user has something to validate. */
function splitsOf(): InteractionSplits {
  const held = (user: number) => user % 3 === 0;
  const part = (has: (user: number) => boolean): Sequences => {
    const offsets = new Int32Array(USERS + 1);
    for (let user = 0; user < USERS; user++) offsets[user + 1] = offsets[user]! + (has(user) ? 1 : 0);
    return { offsets, items: new Int32Array(offsets[USERS]!), times: undefined, ratings: undefined };
  };
  const users = Array.from({ length: USERS }, (_, user) => `u${user}`);
  return { users, items: ['a', 'b'], protocol: '', train: part(() => true), valid: part(held), test: part(held) };
}

test('all who have something to find are asked, or as many of them as wanted, each equally likely', () => {
  const splits = splitsOf();
  const all = sampleHeldOut(splits, 'valid', 0);
  assert.deepEqual([all.users.length, all.of], [1000, 1000]);
  assert.ok(all.users.every((user, i) => user === 3 * i));
  const times = new Int32Array(USERS);
  for (let seed = 0; seed < 200; seed++) {
    const { users, of } = sampleHeldOut(splits, 'valid', seed, 100);
    assert.deepEqual([users.length, new Set(users).size, of], [100, 100, 1000]);
    assert.ok(users.every((user, i) => user % 3 === 0 && (i === 0 || users[i - 1]! < user)));
    for (const user of users) times[user]! += 1;
  }
  const thirds = [0, 1, 2].map((third) => times.subarray(third * 1000, (third + 1) * 1000).reduce((a, b) => a + b, 0));
  for (const count of thirds)
    assert.ok(Math.abs(count / (20_000 / 3) - 1) < 0.05, `${thirds}: no place in the file counts more`);
  assert.deepEqual(sampleHeldOut(splits, 'valid', 7, 100), sampleHeldOut(splits, 'valid', 7, 100));
  assert.notDeepEqual(sampleHeldOut(splits, 'valid', 7, 100), sampleHeldOut(splits, 'valid', 8, 100));
});

test('by default the work is bounded: fewer users for more items, and not all of millions', () => {
  assert.equal(usersByDefault('valid', 2000), 50_000);
  assert.equal(usersByDefault('valid', 1_000_000), 4000);
  assert.equal(usersByDefault('test', 1_000_000), 10_000);
  assert.equal(usersByDefault('valid', 100_000_000), 1000);
});

test('only the drawn users are scored', async () => {
  const asked: number[] = [];
  const score = async (users: Int32Array) => {
    asked.push(...users);
    return new Float32Array(users.length * 2);
  };
  const users = Int32Array.of(3, 30, 2997);
  const { targets, lists } = await rankHeldOut(score, splitsOf(), { part: 'valid', users, k: 0 });
  assert.deepEqual([asked, [...targets.users], lists.items.length], [[3, 30, 2997], [3, 30, 2997], 0]);
});
