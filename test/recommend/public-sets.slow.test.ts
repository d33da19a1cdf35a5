import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { RECOMMENDATION_SETS } from '../../bench/recommendation/datasets.js';
import { matchAttributes } from '../../src/data/interactions/attribute-table.js';
import { describeInteractions } from '../../src/data/interactions/describe-interactions.js';
import { leaveOneOut } from '../../src/data/interactions/interaction-splits.js';
import { evaluateRanking } from '../../src/evaluation/ranking/ranking-report.js';
import { easeScorer, fitEase } from '../../src/recommend/baselines/ease.js';
import { fitPopularity } from '../../src/recommend/baselines/popularity.js';
import { rankHeldOut } from '../../src/recommend/rank-held-out.js';
import { inBatches } from '../../src/recommend/scorer.js';

const folder = resolve('../shared/data/recommendation');
const skip = existsSync(folder) ? false : '../shared/data/recommendation is not here';

const expected = {
  'ml-100k': { users: 943, items: 1682, interactions: 100_000, text: ['title', 'Misérables, Les (1995)'], missing: 0 },
  'ml-100k-by-item-id': {
    users: 943,
    items: 1682,
    interactions: 100_000,
    text: ['title', 'GoldenEye (1995)'],
    missing: 0,
  },
  'ml-1m': {
    users: 6040,
    items: 3416,
    interactions: 999_611,
    text: ['genres', "Animation|Children's|Comedy"],
    missing: 0,
  },
  'amazon-beauty': {
    users: 22_363,
    items: 12_101,
    interactions: 198_502,
    text: ['text_id_idgenrec', 'red shatter crackle nail polish e55'],
    missing: 0,
  },
  'amazon-scientific': { users: 8442, items: 4385, interactions: 59_384, text: ['text', undefined], missing: 0 },
  // 825 users like something, not all of them three things
  'collm-ml-1m': {
    ...{ users: 825, items: 2694, interactions: 27_684, tested: 728 },
    ...{ text: ['title', 'Shawshank Redemption, The (1994)'], missing: 0 },
  },
  'amazon-musical-instruments': { users: 1429, items: 900, interactions: 10_261, text: ['', undefined], missing: 0 },
} as const;

for (const name of Object.keys(RECOMMENDATION_SETS) as (keyof typeof RECOMMENDATION_SETS)[]) {
  test(`${name} is read whole, with its items and users`, { skip }, async () => {
    const { interactions, items, users } = await RECOMMENDATION_SETS[name](folder);
    const description = describeInteractions(interactions);
    const { text, missing, tested, ...sizes } = { tested: undefined, ...expected[name] };
    assert.deepEqual({ ...description, ...sizes }, description);
    if (items.ids.length > 0) assert.equal(matchAttributes(items, interactions.items).missing, missing);
    assert.ok(text[1] === undefined || items.columns.get(text[0])!.includes(text[1]));
    if (users) assert.equal(matchAttributes(users, interactions.users).missing, 0);
    const leftOut = leaveOneOut(interactions);
    assert.equal(leftOut.test.items.length, tested ?? sizes.users);
  });
}

test('ML-100K: neighbours find much more than popularity does', { skip }, async () => {
  const { interactions } = await RECOMMENDATION_SETS['ml-100k'](folder);
  const splits = leaveOneOut(interactions);
  const counts = { itemCounts: new Int32Array(splits.items.length), userCounts: new Int32Array(splits.users.length) };
  const items = splits.items.length;
  const ease = easeScorer(await fitEase(splits.train, items, { regularisation: 1000 }), splits.train, items, 0.9);
  const figures = [];
  for (const scorer of [fitPopularity(splits.train, items), ease]) {
    const ranked = await rankHeldOut(inBatches(scorer, items), splits, { part: 'test' });
    figures.push(evaluateRanking({ ...ranked, ...counts, seed: 0 }).figures['ndcg@10']!);
  }
  assert.ok(figures[0]! > 0.035 && figures[0]! < 0.05, `popularity ${figures[0]}`);
  assert.ok(figures[1]! > 0.09, `EASE ${figures[1]}`);
});
