import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sequences } from '../../data/interactions/interaction-splits.js';
import { Random } from '../../random.js';
import { softmaxCandidates } from './softmax-candidates.js';

const sequences = (items: number[]): Sequences => ({
  offsets: Int32Array.of(0, items.length),
  items: Int32Array.from(items),
  times: undefined,
  ratings: undefined,
});
const full = { fullSoftmaxUpTo: 100, sampledCandidates: 4 };

test('where every item was met, all compete', () => {
  assert.equal(softmaxCandidates(sequences([0, 1, 2, 1]), 3, full), undefined);
});

test('an item that nobody met does not compete', () => {
  const { kind, count, draw } = softmaxCandidates(sequences([0, 2, 4, 2]), 5, full)!;
  assert.deepEqual([kind, count], ['met', 3]);
  const { items, feeds } = draw(BigInt64Array.of(4n, 0n, 2n), new Random(0));
  assert.deepEqual(items, Int32Array.of(0, 2, 4));
  assert.deepEqual(feeds.targets, BigInt64Array.of(2n, 0n, 1n));
  assert.deepEqual(feeds.candidateBias, new Float32Array(3));
});

test('the bias of a sampled item is −log of how often it is there', () => {
  // item i is met i + 1 times; batches draw two targets in proportion
  const met = Array.from({ length: 6 }, (_, item) => new Array<number>(item + 1).fill(item)).flat();
  const { kind, draw } = softmaxCandidates(sequences(met), 6, { fullSoftmaxUpTo: 5, sampledCandidates: 2 })!;
  assert.equal(kind, 'sampled');
  const random = new Random(5);
  const there = new Float64Array(6);
  const bias = new Float64Array(6);
  const ROUNDS = 20_000;
  for (let round = 0; round < ROUNDS; round++) {
    const targets = BigInt64Array.from([0, 0], () => BigInt(met[random.integer(met.length)]!));
    const { items: candidates, feeds } = draw(targets, random);
    assert.equal(new Set(candidates).size, candidates.length);
    targets.forEach((target, n) => {
      assert.equal(candidates[Number(feeds.targets![n])], Number(target));
    });
    candidates.forEach((item, i) => {
      there[item]! += 1 / ROUNDS;
      bias[item] = Number(feeds.candidateBias![i]);
    });
  }
  there.forEach((share, item) => {
    assert.ok(Math.abs(Math.exp(-bias[item]!) - share) < 0.015, `item ${item}: ${Math.exp(-bias[item]!)} and ${share}`);
  });
});
