import * as op from '../../autodiff/build.js';
import { groupRows } from '../../data/interactions/user-order.js';
import { bestItems } from '../../evaluation/ranking/top-items.js';
import { Random } from '../../random.js';
import { compile, type ProgramOptions } from '../../runtime/program.js';
import { innerProduct } from '../unit-rows.js';

/**
 * Items grouped by their nearest of C centroids (Jégou et al. 2011, "Product quantization for nearest neighbor search",
 * section IV, without the quantization): a search looks into a few cells alone.
 */
export interface InvertedFile {
  /** [C, d] */
  readonly centroids: Float32Array;
  /** [C + 1] */
  readonly offsets: Int32Array;
  /** Codes, cell by cell. */
  readonly items: Int32Array;
  /** Their vectors in the same order, so that a cell is read in one go. */
  readonly rows: Float32Array;
  /** d */
  readonly width: number;
}

export interface InvertedFileOptions extends ProgramOptions {
  /** Default: 2·√I. */
  readonly cells?: number;
  readonly seed?: number;
  readonly onProgress?: (done: number, all: number) => void;
}

const ROUNDS = 10;
/** Vectors a cell that k-means learns from. */
const SAMPLE_A_CELL = 64;
/** Products of vectors and centroids held at once. */
const PRODUCTS_AT_ONCE = 2 ** 23;

/** Groups vectors [I, d] by k-means (Lloyd 1982) on a sample. Items that are not `known` are left out. */
export async function buildInvertedFile(
  vectors: Float32Array,
  width: number,
  known: Uint8Array,
  options: InvertedFileOptions = {},
): Promise<InvertedFile> {
  const codes = Int32Array.from(known.keys()).filter((item) => known[item] === 1);
  const cells = Math.max(1, Math.min(options.cells ?? Math.round(2 * Math.sqrt(codes.length)), codes.length));
  const random = new Random(options.seed ?? 0);
  const sample = drawn(codes, Math.min(codes.length, SAMPLE_A_CELL * cells), random);
  const rows = gatherRows(sample, vectors, width);
  let centroids: Float32Array = rows.slice(0, cells * width);
  const nearest = await nearestCentroids(width, options);
  try {
    for (let round = 0; round < ROUNDS; round++) {
      centroids = means(rows, width, await nearest.find(rows, centroids), centroids);
      options.onProgress?.(round + 1, ROUNDS + 1);
    }
    const cellOf = new Int32Array(codes.length);
    const step = Math.max(1, Math.floor(PRODUCTS_AT_ONCE / cells));
    for (let start = 0; start < codes.length; start += step) {
      const part = gatherRows(codes.subarray(start, start + step), vectors, width);
      cellOf.set(await nearest.find(part, centroids), start);
    }
    options.onProgress?.(ROUNDS + 1, ROUNDS + 1);
    const { offsets, rows: places } = groupRows(cellOf, cells);
    const items = places.map((place) => codes[place]!);
    return { centroids, width, offsets, items, rows: gatherRows(items, vectors, width) };
  } finally {
    await nearest.release();
  }
}

/** The `probes` cells whose centroids have the largest inner products with a query [d]. */
export function probedCells(
  { centroids, offsets, width }: InvertedFile,
  query: Float32Array,
  probes: number,
): Int32Array {
  const products = Float32Array.from({ length: offsets.length - 1 }, (_, cell) =>
    innerProduct(query, 0, centroids, cell * width, width),
  );
  return bestItems(products, probes);
}

/** Nearest by Euclidean distance: the largest x·c − |c|²/2. */
async function nearestCentroids(width: number, options: ProgramOptions) {
  const feed = op.inputsByName();
  const x = feed('x', ['N', width]);
  const products = op.add(op.linear(x, feed('centroids', ['C', width])), feed('bias', [1, 'C']));
  const program = await compile({ products }, options);
  const find = async (rows: Float32Array, centroids: Float32Array): Promise<Int32Array> => {
    const C = centroids.length / width;
    const bias = Float32Array.from(
      { length: C },
      (_, c) => -innerProduct(centroids, c * width, centroids, c * width, width) / 2,
    );
    const found = new Int32Array(rows.length / width);
    const step = Math.max(1, Math.floor(PRODUCTS_AT_ONCE / C));
    for (let start = 0; start < found.length; start += step) {
      const part = rows.subarray(start * width, (start + step) * width);
      const N = part.length / width;
      const { products: values } = await program.run({ x: part.slice(), centroids, bias }, { N, C });
      for (let n = 0; n < N; n++) found[start + n] = largest(values!, n * C, C);
    }
    return found;
  };
  return { find, release: () => program.release() };
}

function largest(values: Float32Array, start: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (values[start + i]! > values[start + best]!) best = i;
  return best;
}

/** The mean of each cell's rows; an empty cell keeps its centroid. */
function means(rows: Float32Array, width: number, cellOf: Int32Array, before: Float32Array): Float32Array {
  const sums = new Float64Array(before.length);
  const counts = new Int32Array(before.length / width);
  cellOf.forEach((cell, row) => {
    counts[cell]! += 1;
    for (let i = 0; i < width; i++) sums[cell * width + i]! += rows[row * width + i]!;
  });
  return before.map((value, at) => {
    const count = counts[Math.floor(at / width)]!;
    return count === 0 ? value : sums[at]! / count;
  });
}

/** Some of the codes, in random order, none twice. */
function drawn(codes: Int32Array, count: number, random: Random): Int32Array {
  const shuffled = codes.slice();
  for (let i = 0; i < count; i++) {
    const j = i + random.integer(shuffled.length - i);
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  return shuffled.subarray(0, count);
}

export function gatherRows(codes: Int32Array, vectors: Float32Array, width: number): Float32Array {
  const rows = new Float32Array(codes.length * width);
  codes.forEach((code, row) => {
    rows.set(vectors.subarray(code * width, (code + 1) * width), row * width);
  });
  return rows;
}
