import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Random } from '../random.js';

export interface CmaSettings {
  /** [n] where the search begins. */
  readonly mean: Float64Array | readonly number[];
  /** Standard deviation of the first generation in each coordinate. */
  readonly sigma: number;
  /** λ, points a generation; default 4 + ⌊3·ln n⌋. */
  readonly population?: number | undefined;
  readonly random: Random;
}

/**
 * CMA-ES (Hansen 2016, "The CMA Evolution Strategy: A Tutorial", appendix A): minimises a function of which only values are
 * known, by a normal distribution whose mean, step size and covariance follow the better half of each generation. Ask for a
 * generation, and tell its values; all randomness comes from `random`.
 */
export class CmaEs {
  readonly population: number;
  readonly mean: Float64Array;
  sigma: number;
  private readonly random: Random;
  private readonly weights: readonly number[];
  private readonly rates: { mu: number; c: number; d: number; cc: number; c1: number; cmu: number; expected: number };
  private readonly pathSigma: Float64Array;
  private readonly pathC: Float64Array;
  private covariance: Matrix;
  /** Eigenvectors, as columns, and the roots of eigenvalues. */
  private axes: Matrix;
  private lengths: Float64Array;
  private generation = 0;
  private decomposedAt = 0;

  constructor({ mean, sigma, population, random }: CmaSettings) {
    const n = mean.length;
    this.mean = Float64Array.from(mean);
    this.sigma = sigma;
    this.random = random;
    this.population = population ?? 4 + Math.floor(3 * Math.log(n));
    const parents = Math.floor(this.population / 2);
    const raw = Array.from({ length: parents }, (_, i) => Math.log((this.population + 1) / 2) - Math.log(i + 1));
    const sum = raw.reduce((total, w) => total + w, 0);
    this.weights = raw.map((w) => w / sum);
    const mu = 1 / this.weights.reduce((total, w) => total + w * w, 0);
    const c = (mu + 2) / (n + mu + 5);
    const c1 = 2 / ((n + 1.3) ** 2 + mu);
    this.rates = {
      ...{ mu, c, c1 },
      d: 1 + 2 * Math.max(0, Math.sqrt((mu - 1) / (n + 1)) - 1) + c,
      cc: (4 + mu / n) / (n + 4 + (2 * mu) / n),
      cmu: Math.min(1 - c1, (2 * (mu - 2 + 1 / mu)) / ((n + 2) ** 2 + mu)),
      expected: Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)),
    };
    this.pathSigma = new Float64Array(n);
    this.pathC = new Float64Array(n);
    this.covariance = Matrix.eye(n);
    this.axes = Matrix.eye(n);
    this.lengths = new Float64Array(n).fill(1);
  }

  /** The next generation [λ][n]. */
  ask(): Float64Array[] {
    const n = this.mean.length;
    return Array.from({ length: this.population }, () => {
      const stretched = Array.from({ length: n }, (_, i) => this.lengths[i]! * this.random.normal());
      const step = times(this.axes, stretched);
      return this.mean.map((m, i) => m + this.sigma * step[i]!);
    });
  }

  /** @param values [λ] of the points that `ask` gave; the smaller, the better */
  tell(points: readonly Float64Array[], values: readonly number[]): void {
    const n = this.mean.length;
    const { mu, c, d, cc, c1, cmu, expected } = this.rates;
    const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
    const steps = order
      .slice(0, this.weights.length)
      .map((place) => points[place]!.map((x, i) => (x - this.mean[i]!) / this.sigma));
    const move = new Float64Array(n);
    for (const [k, step] of steps.entries()) for (let i = 0; i < n; i++) move[i]! += this.weights[k]! * step[i]!;
    for (let i = 0; i < n; i++) this.mean[i]! += this.sigma * move[i]!;
    this.generation += 1;

    const inAxes = times(this.axes.transpose(), move).map((x, i) => x / this.lengths[i]!);
    const whitened = times(this.axes, inAxes);
    const kept = Math.sqrt(c * (2 - c) * mu);
    for (let i = 0; i < n; i++) this.pathSigma[i] = (1 - c) * this.pathSigma[i]! + kept * whitened[i]!;
    const length = Math.hypot(...this.pathSigma);
    const usual = length / Math.sqrt(1 - (1 - c) ** (2 * this.generation)) < (1.4 + 2 / (n + 1)) * expected;
    const keptC = usual ? Math.sqrt(cc * (2 - cc) * mu) : 0;
    for (let i = 0; i < n; i++) this.pathC[i] = (1 - cc) * this.pathC[i]! + keptC * move[i]!;
    const forgotten = 1 - c1 - cmu + (usual ? 0 : c1 * cc * (2 - cc));
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let value = forgotten * this.covariance.get(i, j) + c1 * this.pathC[i]! * this.pathC[j]!;
        for (const [k, step] of steps.entries()) value += cmu * this.weights[k]! * step[i]! * step[j]!;
        this.covariance.set(i, j, value);
        this.covariance.set(j, i, value);
      }
    }
    this.sigma *= Math.exp(Math.min(1, (c / d) * (length / expected - 1)));
    // a decomposition takes n³, and little changes in a generation (tutorial, B.2)
    if (this.generation - this.decomposedAt > 1 / (c1 + cmu) / n / 10) this.decompose();
  }

  private decompose(): void {
    this.decomposedAt = this.generation;
    const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(this.covariance, {
      assumeSymmetric: true,
    });
    this.axes = eigenvectorMatrix;
    this.lengths = Float64Array.from(realEigenvalues, (value) => Math.sqrt(Math.max(value, 1e-20)));
  }
}

function times(matrix: Matrix, vector: ArrayLike<number>): Float64Array {
  const product = new Float64Array(matrix.rows);
  for (let i = 0; i < matrix.rows; i++) {
    let sum = 0;
    for (let j = 0; j < matrix.columns; j++) sum += matrix.get(i, j) * vector[j]!;
    product[i] = sum;
  }
  return product;
}
