/** What one item says about others. */
export interface ItemItemRow {
  readonly targets: Int32Array;
  readonly weights: Float32Array;
}

/** A recommender of I items that needs nothing but a history. */
export interface Scorer {
  /**
   * Scores the whole catalogue; higher is better. A new user's history may be empty.
   * @param history codes, the oldest first @param out [I], overwritten
   */
  scoreUser(history: Int32Array, out: Float32Array): void;
  /** Where an item says something about few others alone: about which, and what; else undefined. */
  readonly votesOf?: ((item: number) => ItemItemRow) | undefined;
}

/**
 * Scores the whole catalogue for several users at once. The caller may change the result.
 * @param users codes, −1 for one who is not known @param histories codes, the oldest first, one a user
 * @param groups his group of each attribute, where a request gives them instead of what is known of the user
 * @returns [users, I]
 */
export type BatchScorer = (
  users: Int32Array,
  histories: readonly Int32Array[],
  groups?: readonly (Int32Array | undefined)[],
) => Promise<Float32Array>;

/** A scorer that takes one user after the other. */
export function inBatches(scorer: Scorer, items: number): BatchScorer {
  return async (_, histories) => {
    const scores = new Float32Array(histories.length * items);
    for (const [i, history] of histories.entries()) {
      scorer.scoreUser(history, scores.subarray(i * items, (i + 1) * items));
    }
    return scores;
  };
}

/** Scores held at once: 64 MiB. */
const SCORES_AT_ONCE = 2 ** 24;
const MOST_ROWS_AT_ONCE = 64;

/** Rows of scores for a catalogue, a user's each, that are held at once, so that memory does not grow with it. */
export function rowsAtOnce(items: number): number {
  return Math.max(1, Math.min(MOST_ROWS_AT_ONCE, Math.floor(SCORES_AT_ONCE / items)));
}
