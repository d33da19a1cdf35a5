import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeLabels, predictLabels } from './predicted-labels.js';

const scores = { values: Float32Array.of(1, 3, 2, 5, 5, 0, 4, 4, 4, -1, -2, -1), classes: 3 };

test('answers take the first of the highest scores', () => {
  assert.deepEqual([...predictLabels(scores)], [1, 0, 0, 0]);
});

test('metrics take a wrong one of the highest scores wherever there is one', () => {
  assert.deepEqual([...judgeLabels(scores, Int32Array.of(1, 0, 0, 2))], [1, 1, 1, 0]);
  assert.deepEqual([...judgeLabels(scores, Int32Array.of(2, 2, 1, 1))], [1, 0, 0, 0]);
});
