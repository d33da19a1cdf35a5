import type { Random } from '../../src/random.js';
import type { BatchScorer } from '../../src/recommend/scorer.js';

/** A recommender that knows nothing: each user's scores of the items are noise, the same whenever he is asked. */
export function noiseScorer(random: Random, users: number, items: number): BatchScorer {
  const noise = Float32Array.from({ length: users * items }, () => 0.5 * random.normal());
  return async (asked) =>
    Float32Array.from(
      { length: asked.length * items },
      (_, i) => noise[asked[Math.floor(i / items)]! * items + (i % items)]!,
    );
}
