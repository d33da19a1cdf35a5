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
