import { largest } from '../extremes.js';
import { minimise } from './accelerated-gradient.js';
import { chooseHeldOut, type HeldOutChoice } from './held-out-choice.js';
import { rowWeights, type Weighing } from './label-weights.js';

/** Rows of numbers with their labels. */
export interface LabelledVectors {
  /** [N, d], row-major. */
  readonly vectors: Float32Array;
  /** [N] the index of each row's class. */
  readonly labels: ArrayLike<number>;
}

/** Multinomial logistic regression: scores are vectors · weightsᵀ + biases. */
export interface LogisticRegression {
  /** [C, d] */
  readonly weights: Float32Array;
  /** [C] */
  readonly biases: Float32Array;
  /** λ */
  readonly regularisation: number;
}

/** What is chosen where it did not learn. */
export interface LogisticChoice {
  readonly regularisations?: readonly number[];
  readonly weighings?: readonly Weighing[];
  readonly iterations?: number;
  /** Of two judgements; default: `isBetter`. */
  readonly better?: Parameters<typeof chooseHeldOut>[3];
}

export interface LogisticSettings {
  readonly regularisation: number;
  readonly weighing: Weighing;
  readonly iterations: number;
}

const REGULARISATIONS = [1e-4, 1e-3, 1e-2, 1e-1, 1];
const ITERATIONS = 300;

/**
 * The settings of a logistic regression that do best on rows it did not learn from; see `chooseHeldOut`.
 * @param folds [N] @param classes C
 */
export function chooseLogisticRegression(
  { vectors, labels }: LabelledVectors,
  folds: Int32Array,
  classes: number,
  { regularisations = REGULARISATIONS, weighings = ['none'], iterations = ITERATIONS, better }: LogisticChoice = {},
): HeldOutChoice<LogisticSettings> {
  const width = vectors.length / labels.length;
  const candidates = weighings.flatMap((weighing) =>
    regularisations.map((regularisation) => ({ regularisation, weighing, iterations })),
  );
  const some = (rows: readonly number[]): LabelledVectors => {
    const picked = new Float32Array(rows.length * width);
    rows.forEach((row, i) => {
      picked.set(vectors.subarray(row * width, (row + 1) * width), i * width);
    });
    return { vectors: picked, labels: rows.map((row) => labels[row]!) };
  };
  return chooseHeldOut(
    candidates,
    { folds, targets: Int32Array.from(labels), classes },
    (settings, learn, judge) =>
      logisticScores(fitLogisticRegression(some(learn), classes, settings), some(judge).vectors),
    better,
  );
}

/**
 * Multinomial logistic regression with an L2 penalty (Hastie et al. 2009, section 4.4) on columns brought to mean 0 and
 * deviation 1; the result takes vectors as they are. Minimised by Nesterov's accelerated gradient (1983).
 * @param classes C
 */
export function fitLogisticRegression(
  { vectors, labels }: LabelledVectors,
  classes: number,
  {
    regularisation,
    weighing = 'none',
    iterations = ITERATIONS,
  }: Partial<LogisticSettings> & Pick<LogisticSettings, 'regularisation'>,
): LogisticRegression {
  const width = vectors.length / labels.length;
  const { mean, deviation } = columns(vectors, width);
  const rows = new Float64Array(vectors.length);
  for (let i = 0; i < rows.length; i++)
    rows[i] = (vectors[i]! - mean[i % width]!) / (deviation[i % width]! * Math.sqrt(width));
  const weights = rowWeights(labels, classes, weighing);
  const solved = solve(rows, { labels, weights }, { width, classes, regularisation, iterations });
  return unscaled(solved, { mean, deviation, width, classes, regularisation });
}

/** Scores [N, C] of vectors [N, d]. */
export function logisticScores({ weights, biases }: LogisticRegression, vectors: Float32Array): Float32Array {
  const classes = biases.length;
  const width = weights.length / classes;
  const scores = new Float32Array((vectors.length / width) * classes);
  for (let n = 0; n < vectors.length / width; n++) {
    for (let c = 0; c < classes; c++) {
      let score = biases[c]!;
      for (let i = 0; i < width; i++) score += vectors[n * width + i]! * weights[c * width + i]!;
      scores[n * classes + c] = score;
    }
  }
  return scores;
}

function columns(vectors: Float32Array, width: number): { mean: Float64Array; deviation: Float64Array } {
  const mean = new Float64Array(width);
  const squares = new Float64Array(width);
  const count = vectors.length / width;
  for (let i = 0; i < vectors.length; i++) mean[i % width]! += vectors[i]! / count;
  for (let i = 0; i < vectors.length; i++) squares[i % width]! += (vectors[i]! - mean[i % width]!) ** 2 / count;
  // a column that never changes, but for rounding, tells nothing
  const still = (square: number, i: number) => square <= 1e-12 * mean[i]! ** 2;
  return { mean, deviation: squares.map((square, i) => (still(square, i) ? 1 : Math.sqrt(square))) };
}

/** Weights [C, d + 1], the last column the biases: mean of weighed losses + λ/2 · |weights|². Rows have about the length 1. */
function solve(
  rows: Float64Array,
  { labels, weights: ofRows }: { readonly labels: ArrayLike<number>; readonly weights: Float64Array },
  {
    width,
    classes,
    regularisation,
    iterations,
  }: {
    readonly width: number;
    readonly classes: number;
    readonly regularisation: number;
    readonly iterations: number;
  },
): Float64Array {
  const stride = width + 1;
  // the softmax's curvature is at most 1/2; a row with its bias has the squared length 2 on average
  const step = 1 / (0.5 * Math.max(1, largest(ofRows)) * (longestRow(rows, width) + 1) + regularisation);
  return minimise(classes * stride, { step, iterations }, (weights) => {
    const gradient = weights.map((weight, i) => ((i + 1) % stride === 0 ? 0 : regularisation * weight));
    const shares = new Float64Array(classes);
    for (let n = 0; n < labels.length; n++) {
      for (let c = 0; c < classes; c++) {
        let score = weights[c * stride + width]!;
        for (let i = 0; i < width; i++) score += rows[n * width + i]! * weights[c * stride + i]!;
        shares[c] = score;
      }
      const most = largest(shares);
      let total = 0;
      for (let c = 0; c < classes; c++) total += shares[c] = Math.exp(shares[c]! - most);
      for (let c = 0; c < classes; c++) {
        const error = (ofRows[n]! * (shares[c]! / total - Number(c === labels[n]))) / labels.length;
        for (let i = 0; i < width; i++) gradient[c * stride + i]! += error * rows[n * width + i]!;
        gradient[c * stride + width]! += error;
      }
    }
    return gradient;
  });
}

function longestRow(rows: Float64Array, width: number): number {
  let longest = 0;
  for (let start = 0; start < rows.length; start += width) {
    let squares = 0;
    for (let i = start; i < start + width; i++) squares += rows[i]! * rows[i]!;
    longest = Math.max(longest, squares);
  }
  return longest;
}

/** For vectors as they are: w·(x − m)/s + b = (w/s)·x + b − Σ w·m/s. */
function unscaled(
  solved: Float64Array,
  scaling: {
    readonly mean: Float64Array;
    readonly deviation: Float64Array;
    readonly width: number;
    readonly classes: number;
    readonly regularisation: number;
  },
): LogisticRegression {
  const { mean, deviation, width, classes, regularisation } = scaling;
  const weights = new Float32Array(classes * width);
  const biases = new Float32Array(classes);
  for (let c = 0; c < classes; c++) {
    let bias = solved[c * (width + 1) + width]!;
    for (let i = 0; i < width; i++) {
      const weight = solved[c * (width + 1) + i]! / (deviation[i]! * Math.sqrt(width));
      weights[c * width + i] = weight;
      bias -= weight * mean[i]!;
    }
    biases[c] = bias;
  }
  return { weights, biases, regularisation };
}
