import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overfits } from './overfitting.js';

/** Losses of training and validation; the best stands at `best`. */
const lines = (train: readonly number[], valid: readonly number[], best: number) =>
  valid.map((loss, i) => ({ loss, trainLoss: train[i]!, best: i === best }));
const FALLING = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4];

test('seen where the validation loss has risen for five validations while that of training fell', () => {
  assert.ok(overfits(lines(FALLING, [1, 0.8, 0.85, 0.9, 0.95, 1, 1.1], 1)));
});

test('not seen where any of it does not hold', () => {
  assert.ok(!overfits(lines(FALLING, [1, 0.8, 0.85, 0.9, 0.95, 1], 1)), 'four validations');
  assert.ok(!overfits(lines(FALLING, [1, 0.8, 0.85, 0.85, 0.86, 0.86, 0.87], 1)), 'hardly risen');
  assert.ok(!overfits(lines(FALLING, [1, 0.8, 0.85, 0.9, 0.95, 1, 1.1], 4)), 'the best is recent');
  assert.ok(
    !overfits(lines([0.5, 0.5, 0.6, 0.7, 0.8, 0.9, 1], [1, 0.8, 0.85, 0.9, 0.95, 1, 1.1], 1)),
    'it learns nothing',
  );
});
