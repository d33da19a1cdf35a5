import { innerProduct, unitRows } from '../unit-rows.js';

/**
 * Re-ranks by maximal marginal relevance (Carbonell & Goldstein 1998, section 2): next comes the item with the largest
 * (1 − diversity) · relevance − diversity · (largest cosine to an item chosen before). Relevance is the score, scaled
 * so that the pool's best has 1 and its worst 0.
 * @param pool items to choose from, the best first @param scores by item code
 * @param vectors [I, d], row-major @param width d @param diversity from 0 (the order stays) to 1
 * @returns k items, or the whole pool where it is smaller
 */
export function diversify(
  pool: Int32Array,
  scores: Float32Array,
  k: number,
  diversity: number,
  vectors: Float32Array,
  width: number,
): Int32Array {
  const relevance = scaled(Float64Array.from(pool, (item) => scores[item]!));
  const unit = unitRows(pool, vectors, width);
  const closest = new Float64Array(pool.length); // nothing chosen yet: the same for all
  const chosen: number[] = [];
  const left = new Set(pool.keys());
  while (chosen.length < k && left.size > 0) {
    let best = -1;
    let highest = Number.NEGATIVE_INFINITY;
    for (const place of left) {
      const value = (1 - diversity) * relevance[place]! - diversity * closest[place]!;
      if (value > highest) [best, highest] = [place, value];
    }
    left.delete(best);
    for (const place of left) {
      const cosine = innerProduct(unit, place * width, unit, best * width, width);
      closest[place] = chosen.length === 0 ? cosine : Math.max(closest[place]!, cosine);
    }
    chosen.push(best);
  }
  return Int32Array.from(chosen, (place) => pool[place]!);
}

/** To 0 … 1; all 1 where they are equal. */
function scaled(values: Float64Array): Float64Array {
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  return values.map((value) => (high > low ? (value - low) / (high - low) : 1));
}
