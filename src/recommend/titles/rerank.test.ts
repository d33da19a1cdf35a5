import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mixWords, ndcgByWeight, type RerankCase, rerank } from './rerank.js';

const one = (scores: number[], words: number[], target: number): RerankCase => ({
  scores: Float64Array.from(scores),
  words: Float64Array.from(words),
  target,
});

test('a weight moves what the words speak for', () => {
  const scores = [3, 2, 1];
  const words = [-4, 0, 5];
  assert.deepEqual(rerank(mixWords(scores, words, 0)), [0, 1, 2]);
  assert.deepEqual(rerank(mixWords(scores, words, 1)), [2, 1, 0]);
  assert.deepEqual(rerank(mixWords([1, 1], [2, 2], 1)), [0, 1]);
});

test('NDCG@10 of each weight, by hand', () => {
  const cases = [one([3, 2, 1], [-4, 0, 5], 2), one([3, 2, 1], [0, 0, 0], 0), one([3, 2, 1], [0, 0, 0], -1)];
  const [none, some] = ndcgByWeight(cases, [0, 1]);
  assert.ok(Math.abs(none! - (1 / 2 + 1) / 3) < 1e-12);
  assert.ok(Math.abs(some! - 2 / 3) < 1e-12);
  // ties are misses, and so is what stands behind ten others
  assert.equal(ndcgByWeight([one(Array(12).fill(1), Array(12).fill(1), 0)], [0])[0], 0);
});
