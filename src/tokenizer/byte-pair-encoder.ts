import { byteCharacter } from './describe-token.js';
import type { TokenizerJson } from './tokenizer-json.js';
import { isTrainedHere, splitPieces } from './train-byte-pairs.js';

/** Pieces whose ids are kept; a language's common words are far fewer. */
const KEPT_PIECES = 200_000;

/**
 * Text to ids by a tokenizer that `trainBytePairs` made: the same as the library's (a test compares them), several
 * times quicker. Pieces do not depend on each other, so the ids of each are kept. Undefined for any other tokenizer.
 */
export function bytePairEncoder(json: TokenizerJson): ((text: string) => number[]) | undefined {
  if (!isTrainedHere(json)) return undefined;
  const { vocab, merges } = json.model as unknown as {
    readonly vocab: Readonly<Record<string, number>>;
    readonly merges: readonly (readonly [string, string])[];
  };
  const bytes = Array.from({ length: 256 }, (_, byte) => vocab[byteCharacter(byte)]!);
  const size = Math.max(...Object.values(vocab)) + 1;
  /** left · size + right → rank · size + merged: the lowest rank is merged first. */
  const ranks = new Map<number, number>();
  for (const [rank, [left, right]] of merges.entries()) {
    ranks.set(vocab[left]! * size + vocab[right]!, rank * size + vocab[left + right]!);
  }
  const known = new Map<string, readonly number[]>();
  const idsOf = (piece: string): readonly number[] => {
    const kept = known.get(piece);
    if (kept !== undefined) return kept;
    const ids = mergeAll(
      Array.from(Buffer.from(piece), (byte) => bytes[byte]!),
      ranks,
      size,
    );
    if (known.size < KEPT_PIECES) known.set(piece, ids);
    return ids;
  };
  return (text) => {
    const ids: number[] = [];
    for (const piece of splitPieces(text)) {
      for (const id of idsOf(piece)) ids.push(id);
    }
    return ids;
  };
}

/** Merges the pair of the lowest rank, the leftmost first, until no pair of neighbours has one. */
function mergeAll(ids: number[], ranks: ReadonlyMap<number, number>, size: number): readonly number[] {
  const rankAt = (i: number) => ranks.get(ids[i]! * size + ids[i + 1]!) ?? Number.POSITIVE_INFINITY;
  const found = ids.slice(1).map((_, i) => rankAt(i));
  while (found.length > 0) {
    let best = 0;
    for (let i = 1; i < found.length; i++) if (found[i]! < found[best]!) best = i;
    if (found[best] === Number.POSITIVE_INFINITY) break;
    ids.splice(best, 2, found[best]! % size);
    found.splice(best, 1);
    if (best > 0) found[best - 1] = rankAt(best - 1);
    if (best < found.length) found[best] = rankAt(best);
  }
  return ids;
}
