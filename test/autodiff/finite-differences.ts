import assert from 'node:assert/strict';
import { gradient } from '../../src/autodiff/gradient.js';
import type { Tensor } from '../../src/autodiff/tensor.js';
import { evaluate, type Feeds } from './float64-evaluator.js';
import { nameOf, type Sizes } from './random-inputs.js';

/**
 * Asserts that `gradient` agrees with central differences of the loss, both in float64, for every element of every
 * variable. Returns the largest slope met for each variable, by name.
 */
export function assertGradient(
  loss: Tensor,
  variables: readonly Tensor[],
  feeds: Feeds,
  sizes: Sizes = {},
): Record<string, number> {
  const step = 1e-5;
  const gradients = gradient(loss, variables);
  const steepest: Record<string, number> = {};
  variables.forEach((variable, v) => {
    const name = nameOf(variable);
    const { value, slopes } = evaluate({ value: variable, slopes: gradients[v]! }, feeds, sizes);
    const lossAt = (i: number, x: number) =>
      evaluate({ loss }, { ...feeds, [name]: value!.with(i, x) }, sizes).loss![0]!;
    const expected = value!.map((x, i) => (lossAt(i, x + step) - lossAt(i, x - step)) / (2 * step));
    steepest[name] = expected.reduce((most, slope) => Math.max(most, Math.abs(slope)), 0);
    assert.equal(slopes!.length, expected.length);
    expected.forEach((slope, i) => {
      const error = Math.abs(slopes![i]! - slope);
      assert.ok(
        error < 1e-7 * (1 + steepest[name]!),
        `∂loss/∂${name}[${i}] is ${slopes![i]}, by finite differences ${slope}`,
      );
    });
  });
  return steepest;
}
