import type { WeightGradient } from '../../src/training/row-gradient.js';

/** Adds a gradient to a sum over the whole table. */
export function addGradient(sum: Float32Array, gradient: WeightGradient): void {
  if (gradient instanceof Float32Array) {
    for (let i = 0; i < sum.length; i++) sum[i]! += gradient[i]!;
    return;
  }
  const { rows, values } = gradient;
  const width = values.length / rows.length;
  for (let r = 0; r < rows.length; r++) {
    for (let i = 0; i < width; i++) sum[rows[r]! * width + i]! += values[r * width + i]!;
  }
}
