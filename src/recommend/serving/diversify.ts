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

/** The rows of some items at length 1; an item of which nothing is known stays 0 and is like no other. */
export function unitRows(items: Int32Array, vectors: Float32Array, width: number): Float32Array {
  const unit = new Float32Array(items.length * width);
  items.forEach((item, row) => {
    const length = Math.sqrt(innerProduct(vectors, item * width, vectors, item * width, width));
    if (length === 0) return;
    for (let i = 0; i < width; i++) unit[row * width + i] = vectors[item * width + i]! / length;
  });
  return unit;
}

/** Four sums at a time: each addition waits for the one before it. */
export function innerProduct(a: Float32Array, atA: number, b: Float32Array, atB: number, width: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = width - (width % 4);
  for (let i = 0; i < whole; i += 4) {
    s0 += a[atA + i]! * b[atB + i]!;
    s1 += a[atA + i + 1]! * b[atB + i + 1]!;
    s2 += a[atA + i + 2]! * b[atB + i + 2]!;
    s3 += a[atA + i + 3]! * b[atB + i + 3]!;
  }
  for (let i = whole; i < width; i++) s0 += a[atA + i]! * b[atB + i]!;
  return s0 + s1 + (s2 + s3);
}
