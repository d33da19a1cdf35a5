import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Random } from '../../random.js';
import { initialWeights } from '../../training/network-weights.js';
import { likenessOf } from '../likeness.js';
import type { Recommender } from '../recommender.js';
import { sasRecWeights } from '../sequential/sasrec-network.js';
import { queryEncoder } from '../sequential/sasrec-queries.js';
import { approximateLists, recallAgainstExact } from './approximate-search.js';
import { buildInvertedFile, probedCells } from './inverted-file.js';
import type { Selection } from './selection.js';
import { exactLists, serveCatalogue } from './served-catalogue.js';

const ITEMS = 600;
const WIDTH = 8;
const GROUPS = 12;
const random = new Random(8);
const uniform = () => random.uniform() - 0.5;
const centres = Float32Array.from({ length: GROUPS * WIDTH }, uniform);
/** Items in groups: what a query likes lies mostly in few of them. */
const vectors = Float32Array.from(
  { length: ITEMS * WIDTH },
  (_, at) => centres[(Math.floor(at / WIDTH) % GROUPS) * WIDTH + (at % WIDTH)]! + 0.2 * uniform(),
);
const shape = {
  items: ITEMS,
  width: WIDTH,
  layers: 1,
  heads: 1,
  maxLength: 6,
  itemVectors: true,
  features: 0,
  itemShares: false,
};
const recommender: Recommender = {
  items: Array.from({ length: ITEMS }, (_, i) => `i${i}`),
  network: {
    shape,
    weights: { ...initialWeights(sasRecWeights(shape), 1), 'items.weight': vectors },
    inputs: { features: undefined, shares: undefined },
    popularity: Float32Array.from({ length: ITEMS }, (_, i) => (i === 5 ? 0 : i % 7) + (i === 5 ? 0 : 1)),
  },
  itemItem: {
    model: {
      offsets: Int32Array.from({ length: ITEMS + 1 }, (_, i) => 3 * i),
      targets: Int32Array.from({ length: 3 * ITEMS }, () => random.integer(ITEMS)),
      weights: Float32Array.from({ length: 3 * ITEMS }, () => random.uniform() - 0.2),
      recency: 0.8,
    },
    mixture: { weight: 0.7, floor: 0.01 },
  },
  likeness: likenessOf({ vectors, width: WIDTH }, { weight: 0.5, latest: 2 }),
  trend: { weight: 0.5, halfLife: 60, until: 0, counts: Float32Array.from({ length: ITEMS }, (_, i) => (i * 7) % 11) },
};
const threads = { threads: 1 };
const served = await serveCatalogue(recommender, threads);
const plain = await serveCatalogue(
  { ...recommender, itemItem: undefined, likeness: undefined, trend: undefined },
  threads,
);
const encoder = await queryEncoder(served.network, threads);
const index = await buildInvertedFile(served.vectors, WIDTH, served.known, { ...threads, cells: 20 });
after(async () => {
  await served.release();
  await plain.release();
  await encoder.release();
});
const requests = Array.from({ length: 150 }, (_, user) => ({
  user,
  history: Int32Array.from({ length: user === 3 ? 0 : 1 + (user % 9) }, () => random.integer(ITEMS)),
}));
const everything: Selection = { allowed: served.known, boost: undefined, diversity: 0, includeSeen: false };

test('every known item lies in the cell of its nearest centroid, once', () => {
  assert.equal(index.items.length, ITEMS - 1);
  assert.deepEqual(
    [...index.items].sort((a, b) => a - b),
    [...Array(ITEMS).keys()].filter((item) => item !== 5),
  );
  const distance = (item: number, cell: number) =>
    Math.hypot(
      ...Array.from({ length: WIDTH }, (_, i) => vectors[item * WIDTH + i]! - index.centroids[cell * WIDTH + i]!),
    );
  for (let cell = 0; cell < 20; cell++) {
    for (const item of index.items.subarray(index.offsets[cell]!, index.offsets[cell + 1]!)) {
      const nearest = Math.min(...Array.from({ length: 20 }, (_, other) => distance(item, other)));
      assert.ok(distance(item, cell) < nearest + 1e-4);
    }
  }
  const query = Float32Array.from({ length: WIDTH }, uniform);
  assert.deepEqual(
    [...probedCells(index, query, 20)].sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, cell) => cell),
  );
  assert.deepEqual(probedCells(index, query, 3), probedCells(index, query, 20).slice(0, 3));
});

test('looking into all cells is exact search, with and without an item-item model', async () => {
  const half = served.known.map((one, item) => one * (item % 2));
  const narrow = served.known.map((one, item) => (item < 20 ? one : 0));
  const selections: Selection[] = [
    everything,
    { ...everything, includeSeen: true },
    { ...everything, diversity: 0.4 },
    { ...everything, allowed: half },
    { ...everything, allowed: narrow },
    { ...everything, boost: Float32Array.from({ length: ITEMS }, (_, i) => (i === 77 ? 9 : 0)) },
  ];
  for (const catalogue of [served, plain]) {
    for (const selection of selections) {
      const exact = await exactLists(catalogue, requests, 10, selection);
      const found = await approximateLists(catalogue, { index, probes: 20, encoder }, requests, 10, selection);
      assert.equal(found.length, requests.length);
      found.forEach((list, i) => {
        assert.deepEqual([...list.items], [...exact[i]!.items]);
        list.scores.forEach((score, place) => {
          assert.ok(Math.abs(score - exact[i]!.scores[place]!) < 1e-4);
        });
      });
    }
  }
});

test('few cells find most of what is best, more find more', async () => {
  const recall = (probes: number) => recallAgainstExact(plain, { index, probes, encoder }, requests, 10);
  const [one, four, all] = [await recall(1), await recall(4), await recall(20)];
  assert.ok(one < four && four < all, `${one}, ${four}, ${all}`);
  assert.ok(four > 0.75, `recall ${four}`);
  assert.equal(all, 1);
});

test('what is popular lately is found in whatever cell it lies', async () => {
  const counts = Float32Array.from({ length: ITEMS }, (_, item) => (item % 100 === 7 ? 1000 : 1));
  const trend = { weight: 8, halfLife: 60, until: 0, counts };
  const trending = await serveCatalogue({ ...recommender, itemItem: undefined, likeness: undefined, trend }, threads);
  const found = await approximateLists(trending, { index, probes: 1, encoder }, requests, 3, everything);
  found.forEach(({ items }, i) => {
    const seen = new Set(requests[i]!.history);
    assert.ok(
      items.every((item) => item % 100 === 7 && !seen.has(item)),
      items.join(),
    );
  });
  await trending.release();
});

test('a filter whose items lie in cells that are not looked into: whole lists all the same', async () => {
  const near = served.known.map((one, item) => (item % GROUPS < 2 ? one : 0));
  const selection: Selection = { ...everything, allowed: near };
  for (const catalogue of [served, plain]) {
    const exact = await exactLists(catalogue, requests, 10, selection);
    const found = await approximateLists(catalogue, { index, probes: 1, encoder }, requests, 10, selection);
    found.forEach(({ items }, i) => {
      assert.equal(items.length, exact[i]!.items.length);
      assert.ok(items.every((item) => near[item] === 1));
    });
  }
});
