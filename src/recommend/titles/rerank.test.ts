import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mixWords, rerank } from './rerank.js';

test('a weight moves what the words speak for', () => {
  const scores = [3, 2, 1];
  const words = [-4, 0, 5];
  assert.deepEqual(rerank(mixWords(scores, words, 0)), [0, 1, 2]);
  assert.deepEqual(rerank(mixWords(scores, words, 1)), [2, 1, 0]);
  assert.deepEqual(rerank(mixWords([1, 1], [2, 2], 1)), [0, 1]);
});
