import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { batchCalibration, calibrate, contextualCalibration, medianCalibration } from './calibration.js';
import { type LabelScores, logProbabilities } from './label-scores.js';
import { predictLabels } from './predicted-labels.js';

function fromProbabilities(rows: readonly (readonly number[])[]): LabelScores {
  return { values: Float32Array.from(rows.flat().map(Math.log)), classes: rows[0]!.length };
}

function probabilities(scores: LabelScores): number[] {
  return [...logProbabilities(scores)].map((log) => Number(Math.exp(log).toFixed(6)));
}

test('contextual calibration divides by the mean content-free probability', () => {
  const calibration = contextualCalibration(
    fromProbabilities([
      [0.9, 0.1],
      [0.7, 0.3],
    ]),
  );
  assert.ok(Math.abs(calibration.logBias[0]! - Math.log(0.8)) < 1e-7);
  // The worked example of the formula: p = (0.75, 0.25), W = diag(1/0.8, 1/0.2) → (0.9375, 1.25).
  const calibrated = calibrate(calibration, fromProbabilities([[0.75, 0.25]]));
  assert.deepEqual(probabilities(calibrated), [0.428571, 0.571429]);
  assert.deepEqual(
    probabilities(calibrate(calibration, fromProbabilities([[0.8, 0.2]]))),
    [0.5, 0.5],
    'an input that says nothing becomes undecided',
  );
});

test('scores shifted by a constant per example calibrate to the same', () => {
  const scores = { values: Float32Array.of(1, 2, 0, -1, 3, 1), classes: 3 };
  const shifted = { values: scores.values.map((score, i) => score + (i < 3 ? 4 : -2)), classes: 3 };
  for (const method of [contextualCalibration, batchCalibration, medianCalibration]) {
    assert.deepEqual(method(shifted).logBias, method(scores).logBias);
  }
});

/** Two informative but biased classes: without calibration nearly everything reads as label 0. */
function biasedScores(n: number, bias: number): { scores: LabelScores; targets: number[] } {
  const random = new Random(7);
  const targets = Array.from({ length: n }, (_, i) => i % 2);
  const values = targets.flatMap((target) => [bias + random.normal(), 3 * target + random.normal()]);
  return { scores: { values: Float32Array.from(values), classes: 2 }, targets };
}

test('batch and median calibration recover labels hidden by a bias', () => {
  const { scores, targets } = biasedScores(400, 4);
  const share = (some: LabelScores) => {
    const predictions = predictLabels(some);
    return targets.filter((target, i) => predictions[i] === target).length / targets.length;
  };
  assert.ok(share(scores) < 0.65);
  assert.ok(share(calibrate(batchCalibration(scores), scores)) > 0.75);
  const atMedian = calibrate(medianCalibration(scores), scores);
  assert.ok(share(atMedian) > 0.8);
});

test('batch calibration is the mean probability, median calibration the median log-probability', () => {
  const batch = fromProbabilities([
    [0.9, 0.1],
    [0.6, 0.4],
    [0.3, 0.7],
  ]);
  const rounded = (logBias: readonly number[]) => logBias.map((log) => Number(Math.exp(log).toFixed(6)));
  assert.deepEqual(rounded(batchCalibration(batch).logBias), [0.6, 0.4]);
  assert.deepEqual(rounded(medianCalibration(batch).logBias), [0.6, 0.4]);
  const skewed = fromProbabilities([
    [0.9, 0.1],
    [0.8, 0.2],
    [0.1, 0.9],
  ]);
  assert.deepEqual(rounded(batchCalibration(skewed).logBias), [0.6, 0.4]);
  assert.deepEqual(rounded(medianCalibration(skewed).logBias), [0.8, 0.2]);
});
