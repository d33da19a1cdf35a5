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
const gradientValues = (gradient: WeightGradient): Float32Array =>
  gradient instanceof Float32Array ? gradient : gradient.values;

/**
 * Makes gradients over all weights together at most `maxNorm` long, Euclidean, once they are multiplied by `scale`; `norm` is
 * the length that they had.
 * @param rounding of the shortened numbers: 'float32' overwrites them and leaves the scale 1, 'float64' the other way around
 */
export function clipGradients(
  gradients: Readonly<Record<string, WeightGradient>>,
  maxNorm: number,
  rounding: 'float32' | 'float64',
): { readonly norm: number; readonly scale: number } {
  const norm = Math.sqrt(
    Object.values(gradients).reduce((sum, gradient) => sum + squares(gradientValues(gradient)), 0),
  );
  if (!(norm > maxNorm)) return { norm, scale: 1 };
  if (rounding === 'float64') return { norm, scale: maxNorm / norm };
  for (const gradient of Object.values(gradients)) {
    const values = gradientValues(gradient);
    for (let i = 0; i < values.length; i++) values[i] = (values[i]! * maxNorm) / norm;
  }
  return { norm, scale: 1 };
}

function squares(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}

/** The rows of a table [rows, width] with the given numbers, [R, width]. */
export function rowsOf(table: Float32Array, rows: Int32Array, width: number): Float32Array {
  const taken = new Float32Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) taken.set(table.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width);
  return taken;
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
): boolean {
  const width = values.length / rows.length;
  const update = { gradientScale, step, learningRate, settings };
  let finite = true;
  for (let r = 0; r < rows.length; r++) {
    const range = { from: rows[r]! * width, gradientFrom: r * width, length: width };
    finite = adamWRange(table, values, moments, update, range) && finite;
  }
  return finite;
}
