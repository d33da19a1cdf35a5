import { normalStart, type WeightSpec, xavierStart } from '../../training/network-weights.js';
import type { ItemFeatures, SettledOptions } from './sasrec-options.js';

/** Deviation of the items' own vectors as training starts. */
const ITEM_DEVIATION = 0.02;
/** Deviation of the features' projection where items have vectors of their own, too. */
const FEATURE_DEVIATION = 0.01;

/** The items' own vectors [items, width]. */
export const itemStart = (items: number, width: number): WeightSpec => normalStart(ITEM_DEVIATION, [items, width]);

/**
 * The features' projection [width, features]. Beside vectors of their own it starts small, too, so that the first scores
 * are near 0; alone it must tell items apart.
 */
export const featureStart = (width: number, features: number, itemVectors: boolean): WeightSpec =>
  itemVectors ? normalStart(FEATURE_DEVIATION, [width, features]) : xavierStart(width, features);

/**
 * Root mean square of the item vectors as training starts: of their own numbers, and of the features' projection.
 * @param features of the items, or their count where they are read and whitened
 */
export function startingItemSize(
  { width, itemVectors }: Pick<SettledOptions, 'width' | 'itemVectors'>,
  features: ItemFeatures | number | undefined,
): number {
  const count = typeof features === 'number' ? features : (features?.width ?? 0);
  const numbers = typeof features === 'object' ? features.vectors : new Float32Array([1]);
  const meanSquare = numbers.reduce((sum, x) => sum + x * x, 0) / numbers.length;
  const variance = itemVectors ? FEATURE_DEVIATION ** 2 : 2 / (count + width); // Glorot's where features stand alone
  const ofFeatures = meanSquare * count * variance;
  return Math.sqrt((itemVectors ? ITEM_DEVIATION ** 2 : 0) + ofFeatures) || ITEM_DEVIATION;
}
