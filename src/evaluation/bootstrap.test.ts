import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { accuracy } from './accuracy.js';
import { bootstrapInterval, pairedBootstrap } from './bootstrap.js';

/** `n` predictions that are right with the given probability, for targets that are all 0. */
function guesses(n: number, probability: number, seed: number): Int32Array {
  const random = new Random(seed);
  return Int32Array.from({ length: n }, () => (random.uniform() < probability ? 0 : 1));
}

const n = 400;
const targets = new Int32Array(n);

test('the interval of an accuracy is the binomial one', () => {
  const predictions = guesses(n, 0.8, 1);
  const observed = accuracy(predictions, targets);
  const deviation = Math.sqrt((observed * (1 - observed)) / n);
  const [low, high] = bootstrapInterval(accuracy, predictions, targets, { seed: 3, resamples: 4000 });
  assert.ok(Math.abs(low - (observed - 1.96 * deviation)) < 0.15 * deviation);
  assert.ok(Math.abs(high - (observed + 1.96 * deviation)) < 0.15 * deviation);
  const [low80, high80] = bootstrapInterval(accuracy, predictions, targets, { seed: 3, resamples: 4000, level: 0.8 });
  assert.ok(Math.abs((high80 - low80) / (2 * 1.2816 * deviation) - 1) < 0.1);
});

test('the seed decides the interval', () => {
  const predictions = guesses(n, 0.7, 1);
  const interval = (seed: number) => bootstrapInterval(accuracy, predictions, targets, { seed });
  assert.deepEqual(interval(5), interval(5));
  assert.notDeepEqual(interval(5), interval(6));
});

test('the paired bootstrap tells a real difference from none', () => {
  const weak = guesses(n, 0.7, 1);
  // Right wherever `weak` is, and on every third of its mistakes: never worse on any example.
  let mistakes = 0;
  const strong = weak.map((guess) => (guess === 1 && mistakes++ % 3 === 0 ? 0 : guess));
  const better = pairedBootstrap(accuracy, strong, weak, targets, { seed: 0 });
  assert.ok(Math.abs(better.difference - (accuracy(strong, targets) - accuracy(weak, targets))) < 1e-12);
  assert.ok(better.interval[0] > 0);
  assert.equal(better.pValue, 2 / 1001);

  const worse = pairedBootstrap(accuracy, weak, strong, targets, { seed: 0 });
  assert.equal(worse.difference, -better.difference);
  assert.equal(worse.pValue, better.pValue);

  const same = pairedBootstrap(accuracy, weak, weak, targets, { seed: 0 });
  assert.deepEqual(same, { difference: 0, interval: [0, 0], pValue: 1 });

  const chance = pairedBootstrap(accuracy, guesses(n, 0.7, 8), guesses(n, 0.7, 9), targets, { seed: 0 });
  assert.ok(chance.interval[0] < 0 && chance.interval[1] > 0 && chance.pValue > 0.05);
});
