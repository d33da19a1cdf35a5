import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InteractionSplits, Sequences } from '../data/interactions/interaction-splits.js';
import { chooseMixture } from './mixture.js';

const ITEMS = 12;

/** One item a user. */
const oneEach = (users: number, itemOf: (user: number) => number): Sequences => ({
  offsets: Int32Array.from({ length: users + 1 }, (_, user) => user),
  items: Int32Array.from({ length: users }, (_, user) => itemOf(user)),
  times: undefined,
  ratings: undefined,
});

function splitsOf(users: number): InteractionSplits {
  return {
    users: Array.from({ length: users }, (_, user) => `u${user}`),
    items: Array.from({ length: ITEMS }, (_, item) => `i${item}`),
    train: oneEach(users, (user) => user % ITEMS),
    valid: oneEach(users, (user) => (user + 1) % ITEMS),
    test: oneEach(users, (user) => (user + 2) % ITEMS),
    protocol: '',
  };
}

test('the item-item model counts where it knows what comes next; at most 20,000 users are asked', async () => {
  for (const users of [100, 20_001, 39_999]) {
    let asked = 0;
    const { settings, validNdcg } = await chooseMixture(
      async (codes) => {
        asked += codes.length;
        return new Float32Array(codes.length * ITEMS);
      },
      {
        scoreUser: ([item], out) => {
          out.fill(0);
          out[(item! + 1) % ITEMS] = 1;
        },
      },
      splitsOf(users),
    );
    assert.ok(settings.weight > 0);
    assert.equal(validNdcg, 1);
    assert.equal(asked, users === 100 ? 100 : 20_000);
  }
});
