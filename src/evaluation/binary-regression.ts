import { CholeskyDecomposition, Matrix } from 'ml-matrix';

export interface BinaryRegression {
  readonly weights: Float64Array;
  readonly intercept: number;
}

const ITERATIONS = 25;
const ENOUGH = 1e-7;

/**
 * Logistic regression by Newton's method: the maximum of Σ log P(y | x) − Σ_j penalty_j/2 · (w_j − prior_j)², the intercept
 * without penalty but for a trace, so that answers all alike have one too.
 * @param x a vector an example @param prior where weights are drawn to; default 0
 */
export function fitBinaryRegression(
  x: readonly ArrayLike<number>[],
  y: ArrayLike<number>,
  penalty: number | ((j: number) => number),
  prior: (j: number) => number = () => 0,
): BinaryRegression {
  const size = x[0]?.length ?? 0;
  const penaltyOf = (j: number) => (j === size ? 1e-3 : typeof penalty === 'number' ? penalty : penalty(j));
  const w = Float64Array.from({ length: size + 1 }, (_, j) => (j === size ? 0 : prior(j)));
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const gradient = new Float64Array(size + 1);
    const curvature = Array.from({ length: size + 1 }, () => new Float64Array(size + 1));
    x.forEach((row, n) => {
      let z = w[size]!;
      for (let j = 0; j < size; j++) z += w[j]! * row[j]!;
      const p = 1 / (1 + Math.exp(-z));
      const error = y[n]! - p;
      const weight = Math.max(p * (1 - p), 1e-9);
      for (let j = 0; j <= size; j++) {
        const xj = j === size ? 1 : row[j]!;
        if (xj === 0) continue;
        gradient[j]! += error * xj;
        const line = curvature[j]!;
        for (let k = 0; k < j; k++) line[k]! += weight * xj * row[k]!;
        line[j]! += weight * xj * xj;
      }
    });
    const matrix = new Matrix(size + 1, size + 1);
    for (let j = 0; j <= size; j++) {
      gradient[j]! -= penaltyOf(j) * (w[j]! - (j === size ? 0 : prior(j)));
      for (let k = 0; k <= j; k++) {
        const value = curvature[j]![k]! + (j === k ? penaltyOf(j) + 1e-9 : 0);
        matrix.set(j, k, value);
        matrix.set(k, j, value);
      }
    }
    const step = new CholeskyDecomposition(matrix).solve(Matrix.columnVector(Array.from(gradient))).to1DArray();
    // far steps of the first iterations may overshoot where answers can be separated
    const longest = step.reduce((most, s) => Math.max(most, Math.abs(s)), 0);
    const scale = Math.min(1, 4 / Math.max(longest, 1e-12));
    for (let j = 0; j <= size; j++) w[j]! += scale * step[j]!;
    if (longest < ENOUGH) break;
  }
  return { weights: w.subarray(0, size), intercept: w[size]! };
}

/** The log odds of an example. */
export function logOdds({ weights, intercept }: BinaryRegression, x: ArrayLike<number>): number {
  let z = intercept;
  for (let j = 0; j < weights.length; j++) z += weights[j]! * x[j]!;
  return z;
}

/** The same as a regression of two labels, no and yes. */
export const asTwoLabels = ({ weights, intercept }: BinaryRegression) => ({
  weights: Float32Array.from([...new Float64Array(weights.length), ...weights]),
  biases: Float32Array.of(0, intercept),
});
