import type { Whitening } from './whitening.js';

/**
 * The whitening with a learned projection behind it, as one affine map: x ↦ (1 + Q)·A·(x − mean).
 * @param projection [k, k] Q
 */
export function projectedWhitening({ mean, matrix, width: k }: Whitening, projection: Float32Array): Whitening {
  const d = mean.length;
  const product = matrix.slice();
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < k; j++) {
      const q = projection[i * k + j]!;
      if (q === 0) continue;
      for (let c = 0; c < d; c++) product[i * d + c]! += q * matrix[j * d + c]!;
    }
  }
  return { mean, matrix: product, width: k };
}

/**
 * The same map, scaled so that the numbers of some items' features have a mean square of 1, as they have behind a whitening.
 * @param features [items, k] that this map made @param items those that count
 */
export function atUnitSize(whitening: Whitening, features: Float32Array, items: Int32Array): Whitening {
  const { width: k, matrix } = whitening;
  let squares = 0;
  for (const item of items) for (let i = 0; i < k; i++) squares += features[item * k + i]! ** 2;
  const size = Math.sqrt(squares / (items.length * k));
  return size > 0 ? { ...whitening, matrix: matrix.map((value) => value / size) } : whitening;
}
