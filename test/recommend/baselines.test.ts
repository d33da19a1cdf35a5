import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type InteractionSplits, leaveOneOut, type Sequences } from '../../src/data/interactions/interaction-splits.js';
import { Random } from '../../src/random.js';
import { TUNED_BASELINES } from '../../src/recommend/baselines/baseline-names.js';
import { distinctHistories } from '../../src/recommend/baselines/distinct-histories.js';
import { easeScorer, fitEase, MOST_EASE_ITEMS } from '../../src/recommend/baselines/ease.js';
import {
  fitItemKnn,
  type ItemKnnSettings,
  itemKnnScorer,
  neighboursWithin,
} from '../../src/recommend/baselines/item-knn.js';
import { itemWords } from '../../src/recommend/baselines/item-words.js';
import { fitPopularity, fitRecentPopularity } from '../../src/recommend/baselines/popularity.js';
import { tuneBaseline } from '../../src/recommend/baselines/tune-baseline.js';
import { rankHeldOut } from '../../src/recommend/rank-held-out.js';
import { inBatches, type Scorer } from '../../src/recommend/scorer.js';

type Fit = (train: Sequences, items: number) => Scorer | Promise<Scorer>;

const knn = (train: Sequences, items: number, settings: ItemKnnSettings & { readonly recency?: number }) =>
  itemKnnScorer(fitItemKnn(train, items, settings), train, items, settings.recency);

/** Every baseline, with settings under which it should learn a small set. */
const baselines: Record<string, Fit> = {
  popularity: fitPopularity,
  'recent popularity': (train, items) => fitRecentPopularity(train, items, 10),
  'item neighbours': (train, items) => knn(train, items, { neighbours: 50, shrinkage: 1 }),
  'item neighbours, fading': (train, items) => knn(train, items, { neighbours: 50, shrinkage: 0, recency: 0.5 }),
  EASE: async (train, items) => easeScorer(await fitEase(train, items, { regularisation: 1 }), train, items),
  'EASE, in small tiles': async (train, items) =>
    easeScorer(await fitEase(train, items, { regularisation: 1, tileEdge: 5, inFullUpTo: 0 }), train, items, 0.8),
};
const personal = Object.entries(baselines).filter(([name]) => !name.includes('popularity'));

/** A training part from lists of items; the n-th item of every list has time n. */
function trainingOf(lists: readonly (readonly number[])[]): Sequences {
  const offsets = [0];
  for (const list of lists) offsets.push(offsets.at(-1)! + list.length);
  return {
    offsets: Int32Array.from(offsets),
    items: Int32Array.from(lists.flat()),
    times: Float64Array.from(lists.flatMap((list) => [...list.keys()])),
    ratings: undefined,
  };
}

function scoresOf(scorer: Scorer, history: readonly number[], items: number): Float32Array {
  const out = new Float32Array(items).fill(Number.NaN);
  const codes = Int32Array.from(history);
  scorer.scoreUser(codes, out);
  assert.deepEqual([...codes], history, 'the history is left as it is');
  assert.ok(
    out.every((score) => Number.isFinite(score)),
    'every item has a score',
  );
  return out;
}

function assertNear(actual: Float32Array, expected: readonly number[] | Float32Array, message: string): void {
  for (const [i, value] of actual.entries()) {
    assert.ok(
      Math.abs(value - expected[i]!) <= 2e-5 * (1 + Math.abs(expected[i]!)),
      `${message}: ${value}, ${expected[i]}`,
    );
  }
}

const ITEMS = 12;
const USERS = 30;

/** A checkerboard: user u likes the items of his colour. He has met all of them but the one that is held out. */
function checkerboard(): InteractionSplits {
  const own = (user: number) => Array.from({ length: ITEMS / 2 }, (_, i) => 2 * i + (user % 2));
  const lists = Array.from({ length: USERS }, (_, user) => {
    const items = new Random(user).shuffle(own(user));
    return [...items.slice(0, -2), ...items.slice(-2)];
  });
  return leaveOneOut({
    users: lists.map((_, user) => `u${user}`),
    items: Array.from({ length: ITEMS }, (_, i) => `i${i}`),
    user: Int32Array.from(lists.flatMap((list, user) => list.map(() => user))),
    item: Int32Array.from(lists.flat()),
    time: Float64Array.from(lists.flatMap((list) => [...list.keys()])),
    rating: undefined,
  });
}

for (const [name, fit] of personal) {
  test(`${name}: the held-out square of a checkerboard comes first`, async () => {
    const splits = checkerboard();
    const score = inBatches(await fit(splits.train, ITEMS), ITEMS);
    const { targets, lists } = await rankHeldOut(score, splits, { part: 'test', k: 1, batchSize: 7 });
    assert.equal(targets.users.length, USERS);
    assert.deepEqual(new Set(targets.ranks), new Set([1]));
    assert.deepEqual(lists.items, targets.items);
  });
}

for (const [name, fit] of Object.entries(baselines)) {
  test(`${name}: the contract of a baseline`, async () => {
    const random = new Random(1);
    const lists = Array.from({ length: 40 }, () =>
      Array.from({ length: 1 + random.integer(8) }, () => random.integer(15)),
    );
    const items = 16; // nobody met the last one
    const train = trainingOf(lists);
    const scorer = await fit(train, items);
    const history = [3, 7, 3, 0];
    const scores = scoresOf(scorer, history, items);
    assert.deepEqual(scoresOf(scorer, history, items), scores, 'the same again');

    const empty = scoresOf(scorer, [], items);
    assert.ok(empty[15] === 0 && empty.some((score) => score > 0), 'an empty history gets what is popular');
    scoresOf(scorer, [15], items);

    const renumbered = (code: number) => (code * 5 + 3) % items;
    const other = await fit(trainingOf(lists.map((list) => list.map(renumbered))), items);
    const permuted = scoresOf(other, history.map(renumbered), items);
    assertNear(
      scores.map((_, item) => permuted[renumbered(item)]!),
      scores,
      'numbering the items otherwise changes nothing',
    );

    const reversed = await fit(trainingOf([...lists].reverse()), items);
    assertNear(scoresOf(reversed, history, items), scores, 'nor does the order of the users');
  });
}

test('recommending needs an interaction in common: a stranger colour scores nothing', async () => {
  const { train } = checkerboard();
  for (const [name, fit] of personal) {
    const scores = scoresOf(await fit(train, ITEMS), [0, 2], ITEMS);
    for (let item = 1; item < ITEMS; item += 2) assert.ok(Math.abs(scores[item]!) < 1e-6, `${name}, item ${item}`);
  }
});

test('everyone twice: cosines stay, EASE stays with twice the regularisation, popularity doubles', async () => {
  const { train } = checkerboard();
  const lists = Array.from({ length: USERS }, (_, u) => [...train.items.slice(train.offsets[u], train.offsets[u + 1])]);
  const twice = trainingOf([...lists, ...lists]);
  const history = [0, 4, 1];
  const settings = { neighbours: 4, shrinkage: 0 };
  const ease = async (part: Sequences, regularisation: number) =>
    easeScorer(await fitEase(part, ITEMS, { regularisation }), part, ITEMS);
  const pairs: [Scorer, Scorer, number][] = [
    [knn(train, ITEMS, settings), knn(twice, ITEMS, settings), 1],
    [await ease(train, 2), await ease(twice, 4), 1],
    [fitPopularity(train, ITEMS), fitPopularity(twice, ITEMS), 2],
  ];
  for (const [once, doubled, factor] of pairs) {
    const expected = scoresOf(once, history, ITEMS).map((score) => factor * score);
    assertNear(scoresOf(doubled, history, ITEMS), expected, 'doubled');
  }
});

test('an item met twice by a user counts once for neighbours and EASE', async () => {
  const lists = [
    [0, 1],
    [0, 1, 2],
    [2, 3],
  ];
  const again = [
    [0, 1, 0, 0],
    [0, 1, 2],
    [2, 3, 2],
  ];
  for (const [name, fit] of personal) {
    const expected = scoresOf(await fit(trainingOf(lists), 4), [2], 4);
    assertNear(scoresOf(await fit(trainingOf(again), 4), [2], 4), expected, name);
  }
});

test('recent popularity: what was met lately wins over what was met often', () => {
  const train = trainingOf([
    [0, 0, 0, 0, 1],
    [0, 0, 1],
  ]);
  assert.deepEqual([...scoresOf(fitPopularity(train, 2), [], 2)], [6, 2]);
  const scores = scoresOf(fitRecentPopularity(train, 2, 1), [], 2);
  assertNear(scores, [2 * (1 / 16 + 1 / 8) + 1 / 4 + 1 / 2, 1 / 4 + 1], 'halved each second');
  assert.ok(scores[1]! > scores[0]!);
  assert.throws(() => fitRecentPopularity({ ...train, times: undefined }, 2, 1), { code: 'BASELINE_NEEDS_TIMES' });
});

const fixture = JSON.parse(readFileSync('test/fixtures/recommend/baselines.json', 'utf8')) as {
  items: number;
  train: number[][];
  histories: number[][];
  cases: ({ recency: number; scores: number[][] } & (
    | { baseline: 'ease'; regularisation: number }
    | { baseline: 'itemKnn'; neighbours: number; shrinkage: number }
  ))[];
};

for (const reference of fixture.cases) {
  const { scores, ...settings } = reference;
  test(`scores equal NumPy's: ${JSON.stringify(settings)}`, async () => {
    const train = trainingOf(fixture.train);
    const { items } = fixture;
    for (const tileEdge of [512, 7]) {
      const scorer =
        reference.baseline === 'itemKnn'
          ? knn(train, items, reference)
          : easeScorer(
              await fitEase(train, items, {
                regularisation: reference.regularisation,
                ...{ tileEdge, inFullUpTo: tileEdge === 7 ? 0 : items },
              }),
              train,
              items,
              reference.recency,
            );
      for (const [i, history] of fixture.histories.entries()) {
        assertNear(scoresOf(scorer, history, items), scores[i]!, `history ${i}`);
      }
    }
  });
}

test('a large catalogue gets fewer neighbours, and who met too much is looked at in part', () => {
  assert.deepEqual(
    [250_000, 1_000_000, 1e9].map((items) => neighboursWithin(200, items)),
    [200, 50, 1],
  );
  const everything = [...new Array(9000).keys()];
  const few = distinctHistories(trainingOf([everything, [5, 3, 5], []]), 4);
  assert.deepEqual([...few.items], [0, 2250, 4500, 6750, 3, 5]);
  assert.deepEqual([...few.offsets], [0, 4, 6, 6]);
  const votes = fitItemKnn(trainingOf([everything]), 9000, { neighbours: 3, shrinkage: 0 });
  assert.equal(votes.targets.length, 3 * 5000, 'of 5,000 items, three neighbours each');
});

test('of equally similar items the first ones vote', () => {
  const train = trainingOf([
    [4, 0, 1, 2],
    [4, 3, 0],
  ]);
  const { offsets, targets } = fitItemKnn(train, 5, { neighbours: 2, shrinkage: 0 });
  const votersFor = (item: number) =>
    [0, 1, 2, 3, 4].filter((voter) => targets.subarray(offsets[voter]!, offsets[voter + 1]!).includes(item));
  assert.deepEqual(votersFor(4), [0, 1], '0 was met twice as often; 1, 2 and 3 are as similar to each other');
  assert.deepEqual(votersFor(3), [0, 4]);
});

test('settings out of range, and a catalogue that is too large', async () => {
  const train = trainingOf([[0, 1]]);
  await assert.rejects(fitEase(train, 2, { regularisation: 0 }), { code: 'BASELINE_SETTING' });
  await assert.rejects(fitEase(train, MOST_EASE_ITEMS + 1, { regularisation: 1 }), { code: 'BASELINE_TOO_LARGE' });
  const bad = [
    { neighbours: 0, shrinkage: 0 },
    { neighbours: 1, shrinkage: -1 },
    { neighbours: 1, shrinkage: Number.NaN },
    { neighbours: 1, shrinkage: 0, recency: 0 },
    { neighbours: 1, shrinkage: 0, recency: 1.1 },
  ];
  for (const settings of bad) assert.throws(() => knn(train, 2, settings), { code: 'BASELINE_SETTING' });
});

test('tuning keeps what validates best, and only looks at training and validation', async () => {
  const splits = checkerboard();
  const words = itemWords(Array.from({ length: ITEMS }, (_, item) => ['red', 'black'][item % 2]!));
  for (const name of TUNED_BASELINES) {
    const tuned = await tuneBaseline(name, splits, { words });
    assert.ok(name === 'popularity' ? tuned.trials === 1 : tuned.trials >= 12, `${name}: ${tuned.trials}`);
    const score = inBatches(tuned.scorer, ITEMS);
    const { targets } = await rankHeldOut(score, splits, { part: 'valid' });
    const ndcg = targets.ranks.reduce((sum, rank) => sum + (rank <= 10 ? 1 / Math.log2(rank + 1) : 0), 0) / USERS;
    assert.ok(Math.abs(ndcg - tuned.validNdcg) < 1e-9, name);
    const blind = await tuneBaseline(
      name,
      {
        ...splits,
        test: { ...splits.test, items: splits.test.items.slice().reverse() },
      },
      { words },
    );
    assert.deepEqual([blind.settings, blind.validNdcg], [tuned.settings, tuned.validNdcg], name);
  }
});
