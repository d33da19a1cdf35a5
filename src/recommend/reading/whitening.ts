import { EVD, Matrix } from 'ml-matrix';

/**
 * The affine map x ↦ A·(x − mean) that makes the items' text vectors uncorrelated with variance 1 along their `width`
 * main directions (principal component whitening; Su et al. 2021, "Whitening Sentence Representations", equation 6).
 */
export interface Whitening {
  /** [d] */
  readonly mean: Float32Array;
  /** A [width, d], row-major. */
  readonly matrix: Float32Array;
  readonly width: number;
}

/** Variance added to every direction, as a share of the mean one: weak directions are mostly noise. */
const RIDGE = 1e-2;
/**
 * Items that a direction needs at least. With as many directions as items whitening makes all items equally unlike, whatever their
 * texts say.
 */
export const ITEMS_A_DIRECTION = 4;
/** Vectors held in double precision at once. */
const ROWS_AT_ONCE = 4096;

/** @param vectors [items, d] @param items the ones to learn from @param most directions; of few items fewer are kept, at least one */
export function fitWhitening(vectors: Float32Array, d: number, items: Int32Array, most: number): Whitening {
  const width = Math.min(most, d, Math.max(1, Math.floor(items.length / ITEMS_A_DIRECTION)));
  const mean = new Float64Array(d);
  for (const item of items) for (let i = 0; i < d; i++) mean[i]! += vectors[item * d + i]! / items.length;
  const covariance = Matrix.zeros(d, d);
  for (let start = 0; start < items.length; start += ROWS_AT_ONCE) {
    const some = items.subarray(start, start + ROWS_AT_ONCE);
    const rows = new Matrix(some.length, d);
    some.forEach((item, row) => {
      for (let i = 0; i < d; i++) rows.set(row, i, vectors[item * d + i]! - mean[i]!);
    });
    covariance.add(rows.transpose().mmul(rows));
  }
  covariance.div(Math.max(1, items.length));
  const { realEigenvalues: variances, eigenvectorMatrix: directions } = new EVD(covariance, { assumeSymmetric: true });
  const ridge = (RIDGE * variances.reduce((sum, variance) => sum + variance, 0)) / d || 1;
  const strongest = [...variances.keys()].sort((a, b) => variances[b]! - variances[a]!).slice(0, width);
  const matrix = new Float32Array(strongest.length * d);
  strongest.forEach((direction, row) => {
    const scale = 1 / Math.sqrt(Math.max(variances[direction]!, 0) + ridge);
    for (let i = 0; i < d; i++) matrix[row * d + i] = scale * directions.get(i, direction);
  });
  return { mean: Float32Array.from(mean), matrix, width: strongest.length };
}

/** [items, d] → [items, width]. @param items the ones to whiten; the rows of all others are 0 */
export function whiten(vectors: Float32Array, { mean, matrix, width }: Whitening, items: Int32Array): Float32Array {
  const d = mean.length;
  const white = new Float32Array((vectors.length / d) * width);
  for (const item of items) {
    for (let row = 0; row < width; row++) {
      let sum = 0;
      for (let i = 0; i < d; i++) sum += matrix[row * d + i]! * (vectors[item * d + i]! - mean[i]!);
      white[item * width + row] = sum;
    }
  }
  return white;
}
