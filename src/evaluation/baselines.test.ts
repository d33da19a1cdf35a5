import assert from 'node:assert/strict';
import { test } from 'node:test';
import { majorityBaseline } from './majority-baseline.js';
import { summarizeRuns } from './summarize-runs.js';

test('the majority is that of the training labels, not of the test labels', () => {
  const baseline = majorityBaseline(Int32Array.of(2, 2, 1, 0), Int32Array.of(1, 1, 1, 2), 3);
  assert.equal(baseline.label, 2);
  assert.equal(baseline.accuracy, 0.25);
  // F1 of label 2 is 2·1/(1 + 4), of label 1 it is 0; label 0 occurs nowhere.
  assert.ok(Math.abs(baseline.macroF1 - 0.4 / 2) < 1e-12);
});

test('equally frequent training labels: the first is taken', () => {
  assert.equal(majorityBaseline(Int32Array.of(1, 0, 1, 0), Int32Array.of(0), 2).label, 0);
});

test('runs are summarised with the deviation of a sample', () => {
  assert.deepEqual(summarizeRuns([2, 4, 4, 4, 5, 5, 7, 9]), {
    runs: 8,
    mean: 5,
    standardDeviation: Math.sqrt(32 / 7),
  });
  assert.deepEqual(summarizeRuns([0.5]), { runs: 1, mean: 0.5, standardDeviation: null });
});
