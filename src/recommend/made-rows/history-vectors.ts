import type { ItemVectors } from '../item-vectors.js';

/** How a history becomes a vector: its items' vectors, weighed and summed, then brought to mean 0 and deviation 1 / √width. */
export interface HistoryVectors extends ItemVectors {
  /** [ids] how much an item counts. */
  readonly weights: Float32Array;
  /** What the sum is divided by: the weights' Euclidean length, or their sum. */
  readonly norm: 'length' | 'sum';
  /** [width] of the histories that it was learned from. */
  readonly mean: Float32Array;
  /** [width] what is left of the mean is multiplied by. */
  readonly scale: Float32Array;
}

/** Before mean and scale are known. */
export type UnscaledVectors = Omit<HistoryVectors, 'mean' | 'scale'>;

/** Numbers that hardly differ between histories tell nothing. */
const STILL = 1e-6;

/** Learns mean and scale from histories of item ids. */
export function fitHistoryVectors(vectors: UnscaledVectors, histories: readonly (readonly string[])[]): HistoryVectors {
  const { width } = vectors;
  const unscaled = { ...vectors, mean: new Float32Array(width), scale: new Float32Array(width).fill(1) };
  const sums = new Float64Array(width);
  const squares = new Float64Array(width);
  let count = 0;
  for (const history of histories) {
    const vector = historyVector(unscaled, history);
    if (vector === undefined) continue;
    count += 1;
    for (let k = 0; k < width; k++) {
      sums[k]! += vector[k]!;
      squares[k]! += vector[k]! ** 2;
    }
  }
  const mean = Float32Array.from(sums, (sum) => sum / Math.max(1, count));
  const deviations = Array.from(squares, (sum, k) => Math.sqrt(Math.max(0, sum / Math.max(1, count) - mean[k]! ** 2)));
  const largest = Math.max(0, ...deviations);
  const scale = Float32Array.from(deviations, (deviation) =>
    deviation > STILL * largest ? 1 / (deviation * Math.sqrt(width)) : 0,
  );
  return { ...vectors, mean, scale };
}

/** [width] of a history; each item counts once. Undefined where none of its items is known. */
export function historyVector(
  { places, values, width, weights, norm, mean, scale }: HistoryVectors,
  history: Iterable<string>,
): Float32Array | undefined {
  const known = [...new Set(history)].flatMap((id) => places.get(id) ?? []).filter((place) => weights[place]! > 0);
  if (known.length === 0) return undefined;
  const sum = new Float64Array(width);
  let length = 0;
  for (const place of known) {
    const weight = weights[place]!;
    length += norm === 'length' ? weight * weight : weight;
    for (let k = 0; k < width; k++) sum[k]! += weight * values[place * width + k]!;
  }
  const by = norm === 'length' ? Math.sqrt(length) : length;
  return Float32Array.from(sum, (x, k) => (x / by - mean[k]!) * scale[k]!);
}
