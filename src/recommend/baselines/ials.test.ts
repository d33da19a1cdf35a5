import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sequences } from '../../data/interactions/interaction-splits.js';
import { Random } from '../../random.js';
import { fitIals, ialsScorer } from './ials.js';
import { solvePositiveDefinite } from './solve-positive-definite.js';

function trainingOf(lists: readonly (readonly number[])[]): Sequences {
  const offsets = [0];
  for (const list of lists) offsets.push(offsets.at(-1)! + list.length);
  return {
    offsets: Int32Array.from(offsets),
    items: Int32Array.from(lists.flat()),
    times: undefined,
    ratings: undefined,
  };
}

const random = new Random(3);
const ITEMS = 7;
const lists = Array.from({ length: 9 }, () =>
  Array.from({ length: 1 + random.integer(5) }, () => random.integer(ITEMS)),
);
const train = trainingOf(lists);

/** The loss, term by term as the paper writes it. @param weights [U, I] of what was met */
function loss(
  users: Float64Array,
  items: Float64Array,
  width: number,
  weights: readonly (readonly number[])[],
  { unobservedWeight, regularisation }: { readonly unobservedWeight: number; readonly regularisation: number },
): number {
  const dot = (u: number, i: number) => {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += users[u * width + k]! * items[i * width + k]!;
    return sum;
  };
  const square = (vectors: Float64Array, row: number) =>
    vectors.subarray(row * width, (row + 1) * width).reduce((sum, x) => sum + x * x, 0);
  let total = 0;
  for (const [u, row] of weights.entries()) {
    for (const [i, c] of row.entries()) total += c * (1 - dot(u, i)) ** 2 + unobservedWeight * dot(u, i) ** 2;
    const counted = row.reduce((sum, c) => sum + c, 0) + unobservedWeight * ITEMS;
    total += regularisation * counted * square(users, u);
  }
  for (let i = 0; i < ITEMS; i++) {
    const counted = weights.reduce((sum, row) => sum + row[i]!, 0) + unobservedWeight * weights.length;
    total += regularisation * counted * square(items, i);
  }
  return total;
}

const met = (list: readonly number[]) => Array.from({ length: ITEMS }, (_, item) => (list.includes(item) ? 1 : 0));

test('after many sweeps the loss is at a minimum: no number of any vector can be moved to lower it', async () => {
  const settings = { unobservedWeight: 0.1, regularisation: 0.02, width: 3, sweeps: 400 };
  const { itemVectors, userVectors } = await fitIals(train, ITEMS, settings);
  const weights = lists.map(met);
  const least = loss(userVectors, itemVectors, 3, weights, settings);
  const nothing = loss(
    new Float64Array(userVectors.length),
    new Float64Array(itemVectors.length),
    3,
    weights,
    settings,
  );
  assert.ok(least < 0.7 * nothing, `${least} of ${nothing}`);
  for (const vectors of [userVectors, itemVectors]) {
    for (let at = 0; at < vectors.length; at++) {
      const was = vectors[at]!;
      for (const step of [-1e-3, 1e-3]) {
        vectors[at] = was + step;
        assert.ok(loss(userVectors, itemVectors, 3, weights, settings) > least - 1e-9);
      }
      vectors[at] = was;
    }
  }
});

test('a history is answered with the vector that minimises its own loss, the latest items counting most', async () => {
  const settings = { unobservedWeight: 0.3, regularisation: 0.05, width: 3 };
  const model = await fitIals(train, ITEMS, settings);
  const out = new Float32Array(ITEMS);
  ialsScorer(model, train, ITEMS, 0.5).scoreUser(Int32Array.of(4, 1, 6), out);
  const weights = [[0, 0.5, 0, 0, 0.25, 0, 1]];
  const lossOf = (user: Float64Array) => loss(user, model.itemVectors, 3, weights, settings);
  let user = new Float64Array(3); // by Newton's method on finite differences, which is exact for a square
  const step = 1e-3;
  const moved = (...at: readonly (readonly [number, number])[]) => {
    const other = user.slice();
    for (const [k, by] of at) other[k]! += by;
    return lossOf(other);
  };
  const gradient = Float64Array.from(user, (_, k) => (moved([k, step]) - moved([k, -step])) / (2 * step));
  const hessian = new Float64Array(9).map((_, at) => {
    const [a, b] = [Math.floor(at / 3), at % 3];
    const signs = [1, -1].flatMap((s) => [1, -1].map((t) => s * t * moved([a, s * step], [b, t * step])));
    return signs.reduce((sum, x) => sum + x, 0) / (4 * step * step);
  });
  solvePositiveDefinite(hessian, gradient);
  user = gradient.map((x) => -x);
  const expected = Array.from({ length: ITEMS }, (_, item) =>
    user.reduce((sum, x, k) => sum + x * model.itemVectors[item * 3 + k]!, 0),
  );
  for (const [item, score] of out.entries())
    assert.ok(Math.abs(score - expected[item]!) < 1e-4, `${score} ${expected}`);
});

test('a checkerboard is learned: what is missing of his colour comes before all of the other', async () => {
  const colours = Array.from({ length: 20 }, (_, user) => {
    const own = Array.from({ length: 6 }, (_, i) => 2 * i + (user % 2));
    return own.filter((_, i) => i !== user % 6);
  });
  const board = trainingOf(colours);
  const model = await fitIals(board, 12, { unobservedWeight: 0.3, regularisation: 0.01, width: 2 });
  const scores = new Float32Array(12);
  for (const [user, history] of colours.entries()) {
    ialsScorer(model, board, 12).scoreUser(Int32Array.from(history), scores);
    const missing = 2 * (user % 6) + (user % 2);
    for (let item = 1 - (user % 2); item < 12; item += 2)
      assert.ok(scores[missing]! > scores[item]! + 0.1, `${scores}`);
  }
});

test('settings out of range are refused', async () => {
  const refused = { code: 'BASELINE_SETTING' };
  await assert.rejects(fitIals(train, ITEMS, { unobservedWeight: -1, regularisation: 1 }), refused);
  await assert.rejects(fitIals(train, ITEMS, { unobservedWeight: 1, regularisation: 0 }), refused);
  const model = await fitIals(train, ITEMS, { unobservedWeight: 1, regularisation: 1 });
  assert.throws(() => ialsScorer(model, train, ITEMS, 0), refused);
});
