import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noiseScorer } from '../../test/recommend/noise-scorer.js';
import type { Sequences } from '../data/interactions/interaction-splits.js';
import { Random } from '../random.js';
import { chooseLikeness, likenessOf, likenessQuery, likenessTerm, withLikeness } from './likeness.js';
import { rankHeldOut } from './rank-held-out.js';
import type { BatchScorer } from './scorer.js';

const random = new Random(5);
const [ITEMS, USERS, width] = [24, 40, 4];
/** Four kinds of items, whose features say the kind and little else. */
const vectors = Float32Array.from({ length: ITEMS * width }, (_, i) =>
  Math.floor(i / width) % 4 === i % width ? 2 : 0.3 * random.normal(),
);
vectors.fill(0, 3 * width, 4 * width); // nothing is known of item 3
const features = { vectors, width };
const ofKind = (kind: number) => kind + 4 * random.integer(ITEMS / 4);
const part = (length: number): Sequences => ({
  offsets: Int32Array.from({ length: USERS + 1 }, (_, user) => user * length),
  items: Int32Array.from({ length: USERS * length }, (_, i) => ofKind(Math.floor(i / length) % 4)),
  times: undefined,
  ratings: undefined,
});
const splits = {
  users: Array.from({ length: USERS }, (_, user) => `u${user}`),
  items: Array.from({ length: ITEMS }, (_, item) => `i${item}`),
  ...{ protocol: '', train: part(3), valid: part(1), test: part(1) },
};
const task = {
  splits,
  candidates: new Uint8Array(ITEMS).fill(1),
  validUsers: Int32Array.from(splits.users.keys()),
};
const score = noiseScorer(random, USERS, ITEMS);

test('scores gain weight times the cosine to the mean of the latest items; an empty history gains nothing', async () => {
  const likeness = likenessOf(features, { weight: 2, latest: 2 });
  const liked = await withLikeness(score, likeness, { threads: 1 });
  const histories = [Int32Array.of(0, 5, 9, 6), Int32Array.of(), Int32Array.of(3)];
  const users = Int32Array.of(4, 5, 6);
  const [before, found] = [await score(users, histories), await liked.score(users, histories)];
  await liked.release();
  const row = (item: number) => {
    const own = [...vectors.subarray(item * width, (item + 1) * width)];
    const length = Math.hypot(...own) || 1;
    return own.map((x) => x / length);
  };
  const mean = row(9).map((x, i) => x + row(6)[i]!);
  const query = likenessQuery(likeness, histories[0]!);
  for (let item = 0; item < ITEMS; item++) {
    const cosine = row(item).reduce((sum, x, i) => sum + x * mean[i]!, 0) / Math.hypot(...mean);
    assert.ok(Math.abs(found[item]! - before[item]! - 2 * cosine) < 1e-5);
    assert.ok(Math.abs(likenessTerm(likeness, query, item) - 2 * cosine) < 1e-5);
    for (const other of [1, 2]) assert.equal(found[other * ITEMS + item], before[other * ITEMS + item]);
  }
});

test('the weight is chosen by validation, and its gain is that of ranking with it', async () => {
  const { settings, gain } = (await chooseLikeness(score, features, task, { threads: 1 }))!;
  assert.ok(gain.gain > 5 * gain.standardError && gain.gain > 0.2, JSON.stringify(gain));
  const liked = await withLikeness(score, likenessOf(features, settings), { threads: 1 });
  const ndcg = async (of: BatchScorer) => {
    const { targets } = await rankHeldOut(of, splits, { part: 'valid', k: 0 });
    return targets.ranks.reduce((sum, rank) => sum + (rank <= 10 ? 1 / Math.log2(rank + 1) : 0), 0) / USERS;
  };
  const found = (await ndcg(liked.score)) - (await ndcg(score)); // of the best, where the gain is that of each half's
  assert.ok(found > gain.gain - 0.05, `${found} beside ${gain.gain}`);
  await liked.release();
});

test('items that are all alike gain nothing, and nobody is asked where nobody validates', async () => {
  const alike = { width, vectors: new Float32Array(ITEMS * width).fill(1) };
  const { gain } = (await chooseLikeness(score, alike, task, { threads: 1 }))!;
  assert.ok(Math.abs(gain.gain) < 1e-9, JSON.stringify(gain));
  const nobody = { ...task, validUsers: new Int32Array(0) };
  assert.equal(await chooseLikeness(score, features, nobody, { threads: 1 }), undefined);
});
