import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InteractionSplits, Sequences } from '../data/interactions/interaction-splits.js';
import { mean, metricPerUser, RANK_METRICS } from '../evaluation/ranking/ranking-metrics.js';
import { Random } from '../random.js';
import { chooseMixture, type MixtureSettings, mixedScorer } from './mixture.js';
import { rankHeldOut } from './rank-held-out.js';

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

test('the chosen mixture is the one that full ranking of every mixture finds', async () => {
  const random = new Random(4);
  const splits = splitsOf(40);
  const number = () => Math.fround(random.normal());
  const scores = Array.from({ length: 40 }, () =>
    Float32Array.from({ length: ITEMS }, () => Math.round(3 * number()) / 2),
  );
  const votes = Array.from({ length: ITEMS }, () =>
    Float32Array.from({ length: ITEMS }, () => (random.integer(3) === 0 ? number() : 0)),
  );
  const network = async (users: Int32Array) => Float32Array.from([...users].flatMap((user) => [...scores[user]!]));
  const itemItem = { scoreUser: ([item]: Int32Array, out: Float32Array) => out.set(votes[item!]!) };
  const candidates = Uint8Array.from({ length: ITEMS }, (_, item) => (item === 5 ? 0 : 1));
  const found = await chooseMixture(network, itemItem, splits, { candidates });
  const ranked = async (settings: MixtureSettings) => {
    const score = mixedScorer(network, itemItem, settings);
    const { targets } = await rankHeldOut(score, splits, { part: 'valid', candidates });
    return mean(metricPerUser(targets, RANK_METRICS.ndcg, 10));
  };
  assert.ok(Math.abs(found.validNdcg - (await ranked(found.settings))) < 1e-12);
  for (const weight of [0, 0.25, 0.5, 1, 1.5, 2, 3, 4, 6]) {
    for (const floor of [1e-1, 1e-2, 1e-3]) {
      assert.ok((await ranked({ weight, floor })) <= found.validNdcg + 1e-12, `${weight}, ${floor}`);
    }
  }
});
