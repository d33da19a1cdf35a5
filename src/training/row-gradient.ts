import { type AdamWSettings, adamWRange } from './adamw.js';

/** ∂loss/∂table of a table [rows, width] of which a batch used a few rows: all others have none. */
export interface RowGradient {
  /** [R] numbers of rows, each once. */
  readonly rows: Int32Array;
  /** [R, width] */
  readonly values: Float32Array;
}

/** ∂loss/∂weight: of all its numbers, or of some rows. */
export type WeightGradient = Float32Array | RowGradient;

/** The numbers of a gradient that need not be zero. */
export const gradientValues = (gradient: WeightGradient): Float32Array =>
  gradient instanceof Float32Array ? gradient : gradient.values;

/** The rows of a table [rows, width] with the given numbers, [R, width]. */
export function rowsOf(table: Float32Array, rows: Int32Array, width: number): Float32Array {
  const taken = new Float32Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) taken.set(table.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width);
  return taken;
}

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

/**
 * Lazy AdamW (as PyTorch's SparseAdam): an update of the rows that have a gradient, the step counted over all updates. AdamW over the
 * whole table would also, in every update, let the moments of all other rows fade, move these rows on along their first
 * moments, and decay them; here they stay as they are until they are used again. So time and memory follow the rows
 * that a batch uses, not the table. Rows that every batch uses are updated as by AdamW.
 */
export function lazyAdamWInPlace(
  table: Float32Array,
  { rows, values }: RowGradient,
  moments: { readonly first: Float32Array; readonly second: Float32Array },
  gradientScale: number,
  step: number,
  learningRate: number,
  settings: AdamWSettings,
): void {
  const width = values.length / rows.length;
  const update = { gradientScale, step, learningRate, settings };
  for (let r = 0; r < rows.length; r++) {
    adamWRange(table, values, moments, update, { from: rows[r]! * width, gradientFrom: r * width, length: width });
  }
}
