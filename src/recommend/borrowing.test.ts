import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaveOneOut } from '../data/interactions/interaction-splits.js';
import { isWorthKeeping } from '../evaluation/paired-gain.js';
import { Random } from '../random.js';
import { initialWeights } from '../training/network-weights.js';
import { easeScorer, fitEase } from './baselines/ease.js';
import { borrowingGain } from './borrowing.js';
import { itemItemModel } from './item-item-model.js';
import type { Recommender } from './recommender.js';
import { sasRecWeights } from './sequential/sasrec-network.js';

const STYLES = 4;
const ITEMS = 40;
const USERS = 200;
const random = new Random(2);
/** Each user meets items of one style alone. */
const lists = Array.from({ length: USERS }, (_, user) => {
  const own = Array.from({ length: ITEMS / STYLES }, (_, i) => i * STYLES + (user % STYLES));
  return random.shuffle(own).slice(0, 6);
});
const splits = leaveOneOut({
  users: lists.map((_, user) => `u${user}`),
  items: Array.from({ length: ITEMS }, (_, item) => `i${item}`),
  user: Int32Array.from(lists.flatMap((list, user) => list.map(() => user))),
  item: Int32Array.from(lists.flat()),
  time: undefined,
  rating: undefined,
});
const task = {
  splits,
  candidates: new Uint8Array(ITEMS).fill(1),
  validUsers: Int32Array.from({ length: USERS }, (_, user) => user),
  testUsers: new Int32Array(0),
  protocol: '',
};
const network = (() => {
  const shape = {
    items: ITEMS,
    width: 4,
    layers: 1,
    heads: 1,
    maxLength: 6,
    itemVectors: true,
    features: 0,
    itemShares: false,
  };
  const weights = initialWeights(sasRecWeights(shape), 1);
  return {
    shape,
    weights,
    inputs: { features: undefined, shares: undefined },
    popularity: new Float32Array(ITEMS).fill(1),
  };
})();
const scorer = easeScorer(await fitEase(splits.train, ITEMS, { regularisation: 1 }), splits.train, ITEMS);
const model = itemItemModel({ name: 'ease', settings: {}, scorer }, ITEMS);
const recommender: Recommender = {
  items: splits.items,
  network,
  itemItem: { model, mixture: { weight: 3, floor: 0.001 } },
};
const featuresOf = (styleOf: (item: number) => number) => ({
  vectors: Float32Array.from({ length: ITEMS * STYLES }, (_, at) =>
    at % STYLES === styleOf(Math.floor(at / STYLES)) ? 1 : 0.01 * random.normal(),
  ),
  width: STYLES,
});
const options = { threads: 1, seed: 0 };

test('votes borrowed by features that tell the style are worth keeping, by features that tell nothing they are not', async () => {
  const telling = await borrowingGain(
    task,
    recommender,
    featuresOf((item) => item % STYLES),
    options,
  );
  assert.ok(telling!.gain > 0.02 && isWorthKeeping(telling!), JSON.stringify(telling));
  const other = new Random(9);
  const mute = await borrowingGain(
    task,
    recommender,
    featuresOf(() => other.integer(STYLES)),
    options,
  );
  assert.ok(!isWorthKeeping(mute!) && mute!.gain < telling!.gain / 2, JSON.stringify(mute));
});

test('nothing is said where nothing is mixed in, or no item is described', async () => {
  const features = featuresOf((item) => item % STYLES);
  assert.equal(await borrowingGain(task, { ...recommender, itemItem: undefined }, features, options), undefined);
  const silent = { vectors: new Float32Array(ITEMS * STYLES), width: STYLES };
  assert.equal(await borrowingGain(task, recommender, silent, options), undefined);
});
