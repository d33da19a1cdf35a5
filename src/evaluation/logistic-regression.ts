import { largest } from '../extremes.js';
import { minimise } from './accelerated-gradient.js';
import { accuracy } from './accuracy.js';
import { negativeLogLikelihood } from './negative-log-likelihood.js';
import { judgeLabels } from './predicted-labels.js';

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
  /** λ that was chosen. */
  readonly regularisation: number;
}

export interface LogisticOptions {
  /** To choose λ from: the one with the most right on `valid`, or between equals the least loss there. */
  readonly regularisations?: readonly number[];
  readonly iterations?: number;
}

const REGULARISATIONS = [1e-4, 1e-3, 1e-2, 1e-1, 1];
const ITERATIONS = 300;

/**
 * Multinomial logistic regression with an L2 penalty (Hastie et al. 2009, section 4.4) on columns brought to mean 0 and
 * deviation 1; the result takes vectors as they are. Minimised by Nesterov's accelerated gradient (1983).
 * @param classes C
 */
export function fitLogisticRegression(
  train: LabelledVectors,
  valid: LabelledVectors,
  classes: number,
  { regularisations = REGULARISATIONS, iterations = ITERATIONS }: LogisticOptions = {},
): LogisticRegression {
  const count = train.labels.length;
  const width = train.vectors.length / count;
  const { mean, deviation } = columns(train.vectors, width);
  const rows = new Float64Array(train.vectors.length);
  for (let i = 0; i < rows.length; i++)
    rows[i] = (train.vectors[i]! - mean[i % width]!) / (deviation[i % width]! * Math.sqrt(width));
  const fits = regularisations.map((regularisation) => {
    const solved = solve(rows, train.labels, width, classes, regularisation, iterations);
    return unscaled(solved, { mean, deviation, width, classes, regularisation });
  });
  const judged = fits.map((fit) => ({ fit, ...judge(fit, valid) }));
  return judged.reduce((a, b) => (b.right > a.right || (b.right === a.right && b.loss < a.loss) ? b : a)).fit;
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

function judge(fit: LogisticRegression, { vectors, labels }: LabelledVectors): { right: number; loss: number } {
  const scores = { values: logisticScores(fit, vectors), classes: fit.biases.length };
  const targets = Int32Array.from(labels);
  return { right: accuracy(judgeLabels(scores, targets), targets), loss: negativeLogLikelihood(scores, targets) };
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

/** Weights [C, d + 1], the last column the biases: mean loss + λ/2 · |weights|². Rows have about the length 1. */
function solve(
  rows: Float64Array,
  labels: ArrayLike<number>,
  width: number,
  classes: number,
  regularisation: number,
  iterations: number,
): Float64Array {
  const stride = width + 1;
  // the softmax's curvature is at most 1/2; a row with its bias has the squared length 2 on average
  const step = 1 / (0.5 * (longestRow(rows, width) + 1) + regularisation);
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
        const error = (shares[c]! / total - Number(c === labels[n])) / labels.length;
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
