import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { calibratedPenalty, penaltyOf } from './popularity-penalty.js';
import type { OpenRecommender } from './recommender-handle.js';

const ITEMS = 100;
const POPULAR = 20;

/**
 * A recommender whose scores grow with popularity by `pull`, and of which people's choices are popular items by `share`. The
 * first 20 of 100 items have 200 interactions, the others 10.
 */
function shop(pull: number, share: number, users = 50): OpenRecommender {
  const random = new Random(4);
  const counts = Float32Array.from({ length: ITEMS }, (_, item) => (item < POPULAR ? 200 : 10));
  const length = 10;
  const chosen = Int32Array.from({ length: users * length }, () =>
    random.uniform() < share ? random.integer(POPULAR) : POPULAR + random.integer(ITEMS - POPULAR),
  );
  const score = async () => counts.map((count) => pull * Math.log(count + 1) + 0.5 * random.normal());
  const open = {
    saved: {
      recommender: { network: { popularity: counts } },
      users: Array.from({ length: users }, (_, u) => `u${u}`),
      histories: { offsets: Int32Array.from({ length: users + 1 }, (_, u) => u * length), items: chosen },
    },
    served: { items: ITEMS, known: new Uint8Array(ITEMS).fill(1), score },
  };
  return open as unknown as OpenRecommender;
}

test('where lists hold more popular items than people choose, the penalty is what evens it out', async () => {
  const penalty = await calibratedPenalty(shop(0.8, 0.3));
  assert.ok(penalty >= 0.5 && penalty <= 0.8, `${penalty}`);
  const stronger = await calibratedPenalty(shop(1.2, 0.3));
  assert.ok(stronger > penalty, `${stronger}`);
});

test('where they do not, there is none; nor where the folder keeps nobody', async () => {
  assert.equal(await calibratedPenalty(shop(0, 0.5)), 0);
  assert.equal(await calibratedPenalty(shop(0.8, 0.3, 0)), 0);
});

test('what it takes off grows with the logarithm of the interactions', () => {
  const off = penaltyOf(shop(0, 0), 0.5);
  assert.ok(Math.abs(off[0]! + 0.5 * Math.log(201)) < 1e-6);
  assert.ok(Math.abs(off[50]! + 0.5 * Math.log(11)) < 1e-6);
});
