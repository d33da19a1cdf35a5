import { mergePairs, PairRanks } from './byte-pair-merging.js';
import { byteCharacter } from './describe-token.js';
import type { TokenizerJson } from './tokenizer-json.js';
import { isTrainedHere, splitPieces } from './train-byte-pairs.js';

/** Pieces whose ids are kept, and how long they may be: a language's common words are far fewer, and short. */
const KEPT_PIECES = 200_000;
const KEPT_LENGTH = 64;

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
  const ranks = new PairRanks(Object.values(vocab).reduce((most, id) => Math.max(most, id), 0) + 1);
  for (const [rank, [left, right]] of merges.entries()) {
    ranks.add(rank, vocab[left]!, vocab[right]!, vocab[left + right]!);
  }
  const known = new Map<string, readonly number[]>();
  const idsOf = (piece: string): readonly number[] => {
    const kept = known.get(piece);
    if (kept !== undefined) return kept;
    const symbols = Array.from(Buffer.from(piece), (byte) => bytes[byte]!);
    const ids = mergePairs(symbols, ranks);
    if (known.size < KEPT_PIECES && piece.length <= KEPT_LENGTH) known.set(piece, ids);
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
