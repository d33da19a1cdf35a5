import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noiseScorer } from '../../test/recommend/noise-scorer.js';
import type { Sequences } from '../data/interactions/interaction-splits.js';
import { Random } from '../random.js';
import { rankHeldOut } from './rank-held-out.js';
import type { BatchScorer } from './scorer.js';
import { chooseTrend, followTrend, trendingItems, trendOf, trendTerms, withTrend } from './trend.js';

const DAY = 86_400;
const [ITEMS, USERS] = [20, 60];
const random = new Random(2);

/** One row a user at each time; what is chosen then is of two items. */
const rows = (times: readonly number[], chosen: (time: number) => number): Sequences => ({
  offsets: Int32Array.from({ length: USERS + 1 }, (_, user) => user * times.length),
  items: Int32Array.from({ length: USERS * times.length }, (_, row) => chosen(times[row % times.length]!)),
  times: Float64Array.from({ length: USERS * times.length }, (_, row) => times[row % times.length]!),
  ratings: undefined,
});
/** Every week has its own four items. */
const ofWeek = (time: number) => (Math.floor(time / (7 * DAY)) * 4 + random.integer(4)) % ITEMS;
const any = () => random.integer(ITEMS);
const splitsOf = (chosen: (time: number) => number) => ({
  users: Array.from({ length: USERS }, (_, user) => `u${user}`),
  items: Array.from({ length: ITEMS }, (_, item) => `i${item}`),
  protocol: '',
  train: rows(
    Array.from({ length: 8 }, (_, i) => i * 3 * DAY),
    chosen,
  ),
  valid: rows([22 * DAY], chosen),
  test: rows([24 * DAY], chosen),
});
const taskOf = (splits: ReturnType<typeof splitsOf>) => ({
  splits,
  candidates: new Uint8Array(ITEMS).fill(1),
  validUsers: Int32Array.from(splits.users.keys()),
});
const score = noiseScorer(random, USERS, ITEMS);

test('an interaction counts half after each half-life; the median item and those below are ordinary', async () => {
  const train = {
    ...rows([0], any),
    items: Int32Array.of(0, 1, 1, 2),
    times: Float64Array.of(0, DAY, 2 * DAY, 2 * DAY),
  };
  const trend = trendOf(train, 5, { weight: 2, halfLife: DAY })!;
  assert.equal(trend.until, 2 * DAY);
  assert.deepEqual([...trend.counts], [0.25, 1.5, 1, 0, 0]);
  const mean = 2.75 / 5;
  const expected = [0.25, 1.5, 1, 0.25, 0.25].map((count) => 2 * Math.log(count / mean + 0.1));
  const terms = trendTerms(trend);
  for (const [item, term] of expected.entries()) assert.ok(Math.abs(terms[item]! - term) < 1e-5);
  assert.deepEqual([...trendingItems(terms)].slice(0, 2), [1, 2]);
  const zeros: BatchScorer = async (users) => new Float32Array(users.length * 5);
  const told = await withTrend(zeros, trend)(Int32Array.of(0, 1), [Int32Array.of(0), Int32Array.of()]);
  assert.deepEqual([...told], [...terms, ...terms]);
  assert.equal(trendOf({ ...train, times: undefined }, 5, { weight: 1, halfLife: 1 }), undefined);
});

test('told of more, early or late, it is what it would have been with everything at once', () => {
  const { train } = splitsOf(any);
  const settings = { weight: 1, halfLife: 2 * DAY };
  const whole = trendOf(train, ITEMS, settings)!;
  const order = [...train.items.keys()];
  const late = order.filter((row) => train.times![row]! > 9 * DAY);
  const early = order.filter((row) => train.times![row]! <= 9 * DAY);
  const items = (places: readonly number[]) => Int32Array.from(places, (row) => train.items[row]!);
  const times = (places: readonly number[]) => Float64Array.from(places, (row) => train.times![row]!);
  for (const [first, then] of [
    [early, late],
    [late, early],
  ] as const) {
    const start = trendOf({ ...train, items: items(first), times: times(first) }, ITEMS, settings)!;
    const told = followTrend(start, items(then), times(then));
    assert.equal(told.until, whole.until);
    for (let item = 0; item < ITEMS; item++) assert.ok(Math.abs(told.counts[item]! - whole.counts[item]!) < 1e-4);
  }
  const untimed = followTrend(whole, Int32Array.of(3, 3), undefined);
  assert.ok(Math.abs(untimed.counts[3]! - whole.counts[3]! - 2) < 1e-5);
});

test('a clock that is wrong makes nothing else old', () => {
  const settings = { weight: 1, halfLife: DAY };
  const times = Float64Array.from({ length: 2000 }, (_, row) => (row === 7 ? 4e9 : row * 60));
  const items = times.map((_, row) => row % ITEMS);
  const train = { ...rows([0], any), items: Int32Array.from(items), times };
  const trend = trendOf(train, ITEMS, settings)!;
  assert.equal(trend.until, 1998 * 60);
  assert.ok(
    trend.counts.every((count) => count > 40 && count < 110),
    trend.counts.join(),
  );
  const told = followTrend(trend, Int32Array.of(3), Float64Array.of(4e12));
  assert.ok(Math.abs(told.until - Date.now() / 1000) < 60);
  assert.equal(told.counts[3], 1);
});

test('the half-life that follows the weeks is found and helps those who are tested; where nothing changes nothing is gained', async () => {
  const weekly = taskOf(splitsOf(ofWeek));
  const found = (await chooseTrend(score, weekly))!;
  assert.ok(found.gain.gain > 2 * found.gain.standardError, `${found.gain.gain} ± ${found.gain.standardError}`);
  assert.ok(found.settings.halfLife < 12 * DAY, `half-life ${found.settings.halfLife / DAY} days`);
  const trend = trendOf(weekly.splits.train, ITEMS, found.settings)!;
  const places = async (of: BatchScorer) => {
    const { targets } = await rankHeldOut(of, weekly.splits, { part: 'test', candidates: weekly.candidates });
    return targets.ranks.reduce((sum, rank) => sum + rank, 0) / targets.ranks.length;
  };
  const [before, after] = [await places(score), await places(withTrend(score, trend))];
  assert.ok(after < before - 2, `mean rank ${before}, with what is popular lately ${after}`);

  const still = (await chooseTrend(score, taskOf(splitsOf(any))))!;
  assert.ok(still.gain.gain < 2 * still.gain.standardError, `${still.gain.gain} ± ${still.gain.standardError}`);
});

test('without times, and without anybody who validates, nothing is chosen', async () => {
  const task = taskOf(splitsOf(any));
  const { splits } = task;
  const untimed = { ...splits, train: { ...splits.train, times: undefined } };
  assert.equal(await chooseTrend(score, { ...task, splits: untimed }), undefined);
  assert.equal(await chooseTrend(score, { ...task, validUsers: new Int32Array(0) }), undefined);
});
