import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InteractionSplits } from '../data/interactions/interaction-splits.js';
import { fitPlan } from './fit-options.js';
import { readUsers } from './read-users.js';

test('vectors of users alone: a share each, or nothing but a note where there are too many users', async () => {
  const splitsOf = (count: number): InteractionSplits => {
    const offsets = Int32Array.from({ length: count + 1 }, (_, user) => user);
    const part = { offsets, items: new Int32Array(count), times: undefined, ratings: undefined };
    const users = Array.from({ length: count }, (_, user) => `u${user}`);
    return { users, items: ['a'], protocol: 'none', train: part, valid: part, test: part };
  };
  const options = fitPlan({ interactions: 'rows.csv', out: 'out', userVectors: true });
  assert.deepEqual((await readUsers(splitsOf(3), options))!.inputs!.shares, new Float32Array(3).fill(1 / 51));
  const many = await readUsers(splitsOf(100_001), options);
  assert.deepEqual(many, { inputs: undefined, notes: ['more than 100000 users: none gets a vector of his own'] });
  assert.equal(await readUsers(splitsOf(3), { ...options, userVectors: false }), undefined);
});
