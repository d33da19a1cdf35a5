import { ndcg } from '../../evaluation/ranking/ranking-metrics.js';

/** Weights that validation chooses from: what a nat of the words' score counts beside the recommender's score. */
export const WORDS_WEIGHTS: readonly number[] = [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1];

/**
 * Both scores are logarithms of how likely an item is next, up to a constant a user, so their weighted sum is a product
 * of experts (Hinton 2002, section 1).
 * @param scores [candidates] the recommender's @param words [candidates] see WordsScoring
 */
export function mixWords(scores: ArrayLike<number>, words: ArrayLike<number>, weight: number): Float64Array {
  return Float64Array.from({ length: scores.length }, (_, i) => scores[i]! + weight * words[i]!);
}

/** The places of the best candidates, best first; of equal ones the one that the recommender put first. */
export function rerank(mixed: Float64Array): number[] {
  return [...mixed.keys()].sort((a, b) => mixed[b]! - mixed[a]! || a - b);
}

/** One user of validation. */
export interface RerankCase {
  /** [candidates] in the recommender's order. */
  readonly scores: Float64Array;
  readonly words: Float64Array;
  /** The place of the held-out item among the candidates, −1 where it is not there. */
  readonly target: number;
}

/**
 * NDCG@10 of each weight, over all cases; a held-out item outside the candidates is not found. Ties count against the
 * mixture.
 */
export function ndcgByWeight(cases: readonly RerankCase[], weights: readonly number[] = WORDS_WEIGHTS): number[] {
  return weights.map((weight) => {
    let sum = 0;
    for (const { scores, words, target } of cases) {
      if (target === -1) continue;
      const mixed = mixWords(scores, words, weight);
      const rank = mixed.reduce((ahead, score) => ahead + (score >= mixed[target]! ? 1 : 0), 0);
      sum += ndcg(Int32Array.of(rank), 10);
    }
    return sum / cases.length;
  });
}
