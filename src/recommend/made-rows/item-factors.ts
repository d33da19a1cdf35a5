import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { Random } from '../../random.js';
import type { UnscaledVectors } from './history-vectors.js';

/** Sets of items, [sets] one behind the other. */
export interface ItemSets {
  /** [sets + 1] where each begins among `items`. */
  readonly offsets: Int32Array;
  /** Codes below `count`, each once in a set. */
  readonly items: Int32Array;
  readonly count: number;
}

export interface ItemFactors {
  /** [count, width] right singular vectors, the largest singular value first. */
  readonly vectors: Float32Array;
  /** [count] inverse document frequency; 0 for an item of no set, or of all. */
  readonly weights: Float32Array;
  readonly width: number;
}

/** Directions beyond those that are wanted, and times that the matrix is applied to them. */
const MORE = 10;
const ROUNDS = 5;

/**
 * Truncated singular value decomposition of the matrix of sets and items, each item weighed by ln((1 + N) / (1 + n)) where n of N
 * sets have it and each set's row scaled to length 1 (latent semantic analysis; Deerwester et al. 1990): of the items' vectors V a set
 * with the row a has the numbers a · V. By randomised subspace iteration (Halko, Martinsson & Tropp 2011, algorithm 4.4).
 * @param most numbers that are wanted; fewer where there are fewer sets or items
 */
export function fitItemFactors(sets: ItemSets, most: number, seed: number): ItemFactors {
  const { offsets, items, count } = sets;
  const n = offsets.length - 1;
  const counts = new Float64Array(count);
  for (const item of items) counts[item]! += 1;
  const weights = Float32Array.from(counts, (met) => (met === 0 ? 0 : Math.log((1 + n) / (1 + met))));
  const values = rowsOfLengthOne(sets, weights);
  const width = Math.min(most, n, count);
  const size = Math.min(width + MORE, n, count);
  const random = new Random(seed);
  let basis: Float64Array = Float64Array.from({ length: count * size }, () => random.normal());
  let images: Float64Array = new Float64Array(0);
  for (let round = 0; round < ROUNDS; round++) {
    basis = orthonormal(basis, count, size);
    images = timesBasis(sets, values, basis, size);
    if (round < ROUNDS - 1) basis = timesImages(sets, values, images, size);
  }
  // within the basis, the directions of the largest images
  const gram = Matrix.zeros(size, size);
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < size; i++) {
      const a = images[row * size + i]!;
      if (a === 0) continue;
      for (let j = 0; j <= i; j++) gram.set(i, j, gram.get(i, j) + a * images[row * size + j]!);
    }
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) gram.set(j, i, gram.get(i, j));
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  const order = [...realEigenvalues.keys()].sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!).slice(0, width);
  const vectors = new Float32Array(count * width);
  for (let item = 0; item < count; item++) {
    order.forEach((column, k) => {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += basis[item * size + i]! * eigenvectorMatrix.get(i, column);
      vectors[item * width + k] = sum;
    });
  }
  return { vectors, weights, width };
}

/** Vectors of the items by which histories have them. */
export function itemFactorsOf(histories: readonly (readonly string[])[], most: number, seed: number): UnscaledVectors {
  const places = new Map<string, number>();
  const offsets = new Int32Array(histories.length + 1);
  const codes: number[] = [];
  histories.forEach((history, set) => {
    for (const id of new Set(history)) {
      const place = places.get(id) ?? places.size;
      places.set(id, place);
      codes.push(place);
    }
    offsets[set + 1] = codes.length;
  });
  const sets = { offsets, items: Int32Array.from(codes), count: places.size };
  const { vectors, weights, width } = fitItemFactors(sets, most, seed);
  return { places, values: vectors, width, weights, norm: 'length' };
}

/** [entries] the items' weights, each set's scaled to length 1. */
function rowsOfLengthOne({ offsets, items }: ItemSets, weights: Float32Array): Float64Array {
  const values = new Float64Array(items.length);
  for (let set = 0; set + 1 < offsets.length; set++) {
    let squares = 0;
    for (let at = offsets[set]!; at < offsets[set + 1]!; at++) squares += weights[items[at]!]! ** 2;
    const length = Math.sqrt(squares) || 1;
    for (let at = offsets[set]!; at < offsets[set + 1]!; at++) values[at] = weights[items[at]!]! / length;
  }
  return values;
}

/** A · B, [sets, size] */
function timesBasis({ offsets, items }: ItemSets, values: Float64Array, basis: Float64Array, size: number) {
  const images = new Float64Array((offsets.length - 1) * size);
  for (let set = 0; set + 1 < offsets.length; set++) {
    for (let at = offsets[set]!; at < offsets[set + 1]!; at++) {
      const value = values[at]!;
      const from = items[at]! * size;
      for (let k = 0; k < size; k++) images[set * size + k]! += value * basis[from + k]!;
    }
  }
  return images;
}

/** Aᵀ · Y, [items, size] */
function timesImages({ offsets, items, count }: ItemSets, values: Float64Array, images: Float64Array, size: number) {
  const basis = new Float64Array(count * size);
  for (let set = 0; set + 1 < offsets.length; set++) {
    for (let at = offsets[set]!; at < offsets[set + 1]!; at++) {
      const value = values[at]!;
      const into = items[at]! * size;
      for (let k = 0; k < size; k++) basis[into + k]! += value * images[set * size + k]!;
    }
  }
  return basis;
}

/** The columns of [rows, size] made orthonormal, by Gram and Schmidt done twice; a column that the others make is 0. */
function orthonormal(values: Float64Array, rows: number, size: number): Float64Array {
  const columns = Array.from({ length: size }, (_, k) =>
    Float64Array.from({ length: rows }, (_, row) => values[row * size + k]!),
  );
  columns.forEach((column, k) => {
    const before = length(column);
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < k; j++) {
        const other = columns[j]!;
        let dot = 0;
        for (let row = 0; row < rows; row++) dot += column[row]! * other[row]!;
        for (let row = 0; row < rows; row++) column[row]! -= dot * other[row]!;
      }
    }
    const left = length(column);
    const by = left > 1e-10 * before ? 1 / left : 0;
    for (let row = 0; row < rows; row++) column[row]! *= by;
  });
  const out = new Float64Array(rows * size);
  columns.forEach((column, k) => {
    for (let row = 0; row < rows; row++) out[row * size + k] = column[row]!;
  });
  return out;
}

const length = (column: Float64Array) => Math.sqrt(column.reduce((sum, x) => sum + x * x, 0));
