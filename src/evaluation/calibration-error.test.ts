import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectedCalibrationError, reliabilityBins } from './calibration-error.js';

test('bins say how sure answers are and how often right; their gaps make up the calibration error', () => {
  const sure = [0.95, 0.95, 0.93, 0.6, 0.6];
  const values = Float32Array.from(sure.flatMap((p) => [Math.log(p), Math.log(1 - p)]));
  const targets = Int32Array.of(0, 0, 1, 0, 1);
  const bins = reliabilityBins({ values, classes: 2 }, targets, 10);
  assert.deepEqual(
    bins.map(({ examples }) => examples),
    [2, 3],
  );
  assert.ok(Math.abs(bins[0]!.confidence - 0.6) < 1e-6 && bins[0]!.accuracy === 0.5);
  assert.ok(Math.abs(bins[1]!.confidence - (0.95 + 0.95 + 0.93) / 3) < 1e-6);
  assert.ok(Math.abs(bins[1]!.accuracy - 2 / 3) < 1e-12);
  const error = (2 / 5) * 0.1 + (3 / 5) * (2.83 / 3 - 2 / 3);
  assert.ok(Math.abs(expectedCalibrationError({ values, classes: 2 }, targets, 10) - error) < 1e-6);
});
