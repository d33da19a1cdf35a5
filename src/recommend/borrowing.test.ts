import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaveOneOut, type Sequences } from '../data/interactions/interaction-splits.js';
import { isWorthKeeping } from '../evaluation/paired-gain.js';
import { Random } from '../random.js';
import { initialWeights } from '../training/network-weights.js';
import { easeScorer, fitEase } from './baselines/ease.js';
import { itemWords } from './baselines/item-words.js';
import { fitItemItem } from './baselines/tune-baseline.js';
import { borrowingGains } from './borrowing.js';
import { itemItemModel } from './item-item-model.js';
import type { Recommender } from './recommender.js';
import { sasRecWeights } from './sequential/sasrec-network.js';

const STYLES = 8;
const ITEMS = 40;
const USERS = 400;
const random = new Random(2);
/** Each user meets items of one style alone. */
const lists = Array.from({ length: USERS }, (_, user) => {
  const own = Array.from({ length: ITEMS / STYLES }, (_, i) => i * STYLES + (user % STYLES));
  return random.shuffle(own).slice(0, 4);
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
  const telling = await borrowingGains(
    task,
    recommender,
    featuresOf((item) => item % STYLES),
    options,
  );
  assert.ok(telling!.borrowed.gain > 0.02 && isWorthKeeping(telling!.borrowed), JSON.stringify(telling));
  assert.equal(telling!.words, undefined, 'EASE without texts knows no words');
  const other = new Random(9);
  const mute = await borrowingGains(
    task,
    recommender,
    featuresOf(() => other.integer(STYLES)),
    options,
  );
  assert.ok(!isWorthKeeping(mute!.borrowed) && mute!.borrowed.gain < telling!.borrowed.gain / 2, JSON.stringify(mute));
});

test('words that tell the style speak for items that nobody met, where their features tell nothing', async () => {
  const other = new Random(9);
  const mute = featuresOf(() => other.integer(STYLES));
  const settings = { regularisation: 10, textWeight: 10, recency: 1 };
  const figures = async (styleOf: (item: number) => number) => {
    const words = itemWords(splits.items.map((_, item) => `style${styleOf(item)}`));
    const refit = async (train: Sequences) =>
      itemItemModel(await fitItemItem('easeTexts', settings, train, ITEMS, words), ITEMS);
    const told = { ...recommender, itemItem: { ...recommender.itemItem!, model: await refit(splits.train) } };
    return (await borrowingGains(task, told, mute, { ...options, refit }))!.words!;
  };
  const telling = await figures((item) => item % STYLES);
  assert.ok(telling.gain > 0.02 && isWorthKeeping(telling), JSON.stringify(telling));
  const random = new Random(10);
  const silent = await figures(() => random.integer(STYLES));
  assert.ok(silent.gain < telling.gain / 2, JSON.stringify(silent));
});

test('nothing is said where nothing is mixed in, or no item is described', async () => {
  const features = featuresOf((item) => item % STYLES);
  assert.equal(await borrowingGains(task, { ...recommender, itemItem: undefined }, features, options), undefined);
  const silent = { vectors: new Float32Array(ITEMS * STYLES), width: STYLES };
  assert.equal(await borrowingGains(task, recommender, silent, options), undefined);
});
