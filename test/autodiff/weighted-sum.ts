import * as op from '../../src/autodiff/build.js';
import type { Tensor } from '../../src/autodiff/tensor.js';
import type { RandomInputs } from './random-inputs.js';

/** Σ c·y over all elements of all outputs, c random: a loss whose gradient holds the whole Jacobian. */
export function weightedSum(outputs: readonly Tensor[], given: RandomInputs, prefix = ''): Tensor {
  return outputs
    .map((y, i) => {
      const weighted = op.multiply(y, given.frozen(`${prefix}weight${i}`, y.shape));
      const axes = y.shape.map((_, axis) => axis);
      return axes.length === 0 ? weighted : op.reshape(op.reduceSum(weighted, axes), []);
    })
    .reduce((sum, term) => op.add(sum, term));
}
