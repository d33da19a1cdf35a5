/**
 * The merges of a SentencePiece BPE, best first, from the score of each piece: SentencePiece joins the two neighbours
 * whose joint piece scores highest, so every way to cut a piece into two others is a merge of that piece's rank.
 * Ties go as in transformers' `generate_merges`: longer left part first, then longer right part, then lower ids.
 * `scores` runs parallel to `pieces`; pieces in `excluded` (marks, bytes) take no part.
 */
export function mergesFromScores(
  pieces: readonly string[],
  scores: readonly number[],
  excluded: ReadonlySet<string>,
): [string, string][] {
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  const usable = (piece: string) => ids.has(piece) && !excluded.has(piece);
  const merges = pieces.flatMap((piece, id) => {
    if (excluded.has(piece)) return [];
    const characters = Array.from(piece);
    const cuts = characters.slice(1).map((_, i) => ({
      left: characters.slice(0, i + 1).join(''),
      right: characters.slice(i + 1).join(''),
      lengths: [i + 1, characters.length - i - 1] as const,
      score: scores[id]!,
    }));
    return cuts
      .filter(({ left, right }) => usable(left) && usable(right))
      .sort((a, b) => ids.get(a.left)! - ids.get(b.left)! || ids.get(a.right)! - ids.get(b.right)!);
  });
  merges.sort((a, b) => b.score - a.score || b.lengths[0] - a.lengths[0] || b.lengths[1] - a.lengths[1]);
  return merges.map(({ left, right }) => [left, right]);
}
