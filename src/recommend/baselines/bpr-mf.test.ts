import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaveOneOut } from '../../data/interactions/interaction-splits.js';
import { mean, metricPerUser, RANK_METRICS } from '../../evaluation/ranking/ranking-metrics.js';
import { Random } from '../../random.js';
import type { NetworkState } from '../../training/train-network.js';
import { rankHeldOut } from '../rank-held-out.js';
import { bprScorer, fitBpr } from './bpr-mf.js';

const ITEMS = 16;
const USERS = 40;
const lists = Array.from({ length: USERS }, (_, user) =>
  new Random(user).shuffle(Array.from({ length: ITEMS / 2 }, (_, i) => 2 * i + (user % 2))),
);
/** A checkerboard: user u meets the items of his colour, in any order. */
const splits = leaveOneOut({
  users: lists.map((_, user) => `u${user}`),
  items: Array.from({ length: ITEMS }, (_, i) => `i${i}`),
  user: Int32Array.from(lists.flatMap((list, user) => list.map(() => user))),
  item: Int32Array.from(lists.flat()),
  time: undefined,
  rating: undefined,
});
const small = { width: 4, batchSize: 32, epochs: 40, learningRate: 0.03, weightDecay: 0.01 };

test('what is missing of his colour comes first, and a new user gets the biases', async () => {
  const { model, validNdcg } = await fitBpr(splits, small, { threads: 1 });
  const scorer = await bprScorer(model, { threads: 1 });
  const { targets } = await rankHeldOut(scorer.score, splits, { part: 'test' });
  const scores = await scorer.score(Int32Array.of(3, -1), [new Int32Array(0), new Int32Array(0)]);
  await scorer.release();
  assert.ok(mean(metricPerUser(targets, RANK_METRICS.ndcg, 10)) === 1, `validation ${validNdcg}`);
  const { users, items, bias } = model.weights;
  for (let item = 0; item < ITEMS; item++) {
    let expected = bias![item]!;
    for (let k = 0; k < 4; k++) expected += users![3 * 4 + k]! * items![item * 4 + k]!;
    assert.ok(Math.abs(scores[item]! - expected) < 1e-5);
    assert.equal(scores[ITEMS + item], bias![item]);
  }
});

test('an update follows the gradient that the paper states', async () => {
  const one = leaveOneOut({
    users: ['u'],
    items: ['a', 'b'],
    user: Int32Array.of(0),
    item: Int32Array.of(0),
    time: undefined,
    rating: undefined,
  });
  const settings = {
    width: 2,
    batchSize: 1,
    epochs: 2,
    weightDecay: 0,
    clipNorm: Infinity,
    decay: 'constant',
  } as const;
  const states: NetworkState[] = [];
  const save = async (state: NetworkState) => {
    states.push(structuredClone(state));
  };
  const noneToFind = { validUsers: new Int32Array(0) };
  await fitBpr(one, settings, { threads: 1, save, ...noneToFind });
  const [after, later] = states;
  const { users, items, bias } = after!.weights;
  const score = (item: number) => bias![item]! + users![0]! * items![item * 2]! + users![1]! * items![item * 2 + 1]!;
  const slope = -1 / (1 + Math.exp(score(0) - score(1))); // −(1 − σ(x))
  const expected = [slope * (items![0]! - items![2]!), slope * (items![1]! - items![3]!)];
  for (const k of [0, 1]) {
    const moved = (later!.firstMoments.users![k]! - 0.9 * after!.firstMoments.users![k]!) / 0.1;
    assert.ok(Math.abs(moved - expected[k]!) < 1e-6, `${moved} instead of ${expected[k]}`);
  }
  assert.ok(Math.abs((later!.firstMoments.bias![0]! - 0.9 * after!.firstMoments.bias![0]!) / 0.1 - slope) < 1e-6);
});

test('a seed repeats, and a resumed fit ends the same', async () => {
  const options = { ...small, epochs: 3 };
  const whole = await fitBpr(splits, options, { threads: 1 });
  assert.notDeepEqual((await fitBpr(splits, { ...options, seed: 1 }, { threads: 1 })).model, whole.model);
  const controller = new AbortController();
  let saved: NetworkState | undefined;
  const interrupted = await fitBpr(splits, options, {
    ...{ threads: 1, signal: controller.signal },
    onEpoch: ({ epoch }) => epoch === 2 && controller.abort(),
    save: async (state) => {
      saved = structuredClone(state);
    },
  });
  assert.equal(interrupted.ended, 'interrupted');
  assert.deepEqual((await fitBpr(splits, options, { threads: 1, state: saved })).model, whole.model);
});
