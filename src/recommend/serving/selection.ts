import { bestItems } from '../../evaluation/ranking/top-items.js';
import { diversify } from './diversify.js';

/** How a list is made from the scores of a catalogue of I items. */
export interface Selection {
  /** [I] 1 for the items that may be recommended. */
  readonly allowed: Uint8Array;
  /** [I] added to the scores. */
  readonly boost: Float32Array | undefined;
  /** From 0, the best items, to 1, the most different ones; see `diversify`. */
  readonly diversity: number;
  /** Whether items of the history may be recommended again. */
  readonly includeSeen: boolean;
}

/** Items that a diverse list is chosen from, as a multiple of its length, and at least. */
const POOL_SHARE = 10;
const SMALLEST_POOL = 100;

/**
 * The list for one user, best first; shorter than k where fewer items are allowed.
 * @param scores [I], overwritten with what the items were ranked by
 * @param vectors [I, d] of the items, for diversity
 */
export function selectItems(
  scores: Float32Array,
  history: Int32Array,
  k: number,
  { allowed, boost, diversity, includeSeen }: Selection,
  vectors: Float32Array,
): Int32Array {
  for (let item = 0; item < scores.length; item++) {
    if (allowed[item] === 0) scores[item] = Number.NEGATIVE_INFINITY;
    else if (boost) scores[item]! += boost[item]!;
  }
  if (!includeSeen) for (const item of history) scores[item] = Number.NEGATIVE_INFINITY;
  if (diversity === 0) return bestItems(scores, k);
  const pool = bestItems(scores, Math.max(SMALLEST_POOL, POOL_SHARE * k));
  return diversify(pool, scores, k, diversity, vectors, vectors.length / scores.length);
}
