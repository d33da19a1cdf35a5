import { mergePairs, PairRanks } from './byte-pair-merging.js';
import { isObject, type TokenizerComponent, tokenizerInvalid } from './tokenizer-json.js';

/** Pieces whose ids are kept, and how long they may be: a language's common words are far fewer, and short. */
const KEPT_PIECES = 100_000;
const KEPT_LENGTH = 64;

/** A piece of prepared text → its ids. */
export type PieceEncoder = (piece: string) => readonly number[];

/**
 * The model `BPE` of a `tokenizer.json` (Sennrich et al. 2016) as Hugging Face's library runs it: characters that the
 * vocabulary lacks become their bytes, or the unknown token, before anything is merged. Errors: TOKENIZER_INVALID.
 */
export function bytePairModel(model: TokenizerComponent, source: string): PieceEncoder {
  const vocabulary = readVocabulary(model.vocab, source);
  const prefix = text(model.continuing_subword_prefix);
  const suffix = text(model.end_of_word_suffix);
  const unknown = typeof model.unk_token === 'string' ? vocabulary.get(model.unk_token) : undefined;
  const ranks = readMerges(model.merges, vocabulary, Array.from(prefix).length, source);
  const bytes = model.byte_fallback === true ? byteTokens(vocabulary) : [];

  const symbolsOf = (piece: string): number[] => {
    const symbols: number[] = [];
    const characters = Array.from(piece);
    let pending = false; // an unknown token that may take in the next one
    characters.forEach((character, i) => {
      const symbol = `${i === 0 ? '' : prefix}${character}${i === characters.length - 1 ? suffix : ''}`;
      const id = vocabulary.get(symbol);
      if (id === undefined) {
        const own = bytes.length === 0 ? [] : Array.from(Buffer.from(symbol), (byte) => bytes[byte]);
        if (own.length > 0 && !own.includes(undefined)) {
          for (const byte of own) symbols.push(byte!);
        } else if (unknown !== undefined) {
          if (pending && model.fuse_unk !== true) symbols.push(unknown);
          pending = true;
        }
        return;
      }
      if (pending) symbols.push(unknown!);
      pending = false;
      symbols.push(id);
    });
    if (pending) symbols.push(unknown!);
    return symbols;
  };

  const known = new Map<string, readonly number[]>();
  return (piece) => {
    const kept = known.get(piece);
    if (kept !== undefined) return kept;
    const whole = model.ignore_merges === true ? vocabulary.get(piece) : undefined;
    const ids = whole === undefined ? mergePairs(symbolsOf(piece), ranks) : [whole];
    if (known.size < KEPT_PIECES && piece.length <= KEPT_LENGTH) known.set(piece, ids);
    return ids;
  };
}

const text = (value: unknown) => (typeof value === 'string' ? value : '');

/** Token id of each byte, written `<0x0A>`; undefined where there is none. */
function byteTokens(vocabulary: ReadonlyMap<string, number>): (number | undefined)[] {
  return Array.from({ length: 256 }, (_, byte) =>
    vocabulary.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
  );
}

function readVocabulary(vocabulary: unknown, source: string): ReadonlyMap<string, number> {
  const entries = isObject(vocabulary) ? Object.entries(vocabulary) : [];
  const wrong = entries.find(([, id]) => !Number.isInteger(id) || (id as number) < 0);
  if (entries.length > 0 && wrong === undefined) return new Map(entries as [string, number][]);
  throw tokenizerInvalid(
    wrong === undefined ? `${source} has no vocabulary` : `${source} gives the token '${wrong[0]}' the id ${wrong[1]}`,
    'a vocabulary of tokens, each with a whole number from 0 as its id',
  );
}

function readMerges(
  merges: unknown,
  vocabulary: ReadonlyMap<string, number>,
  prefixLength: number,
  source: string,
): PairRanks {
  const invalid = (found: unknown) =>
    tokenizerInvalid(`${source} has the merge ${JSON.stringify(found)}`, 'pairs of tokens that the vocabulary has');
  let largest = 0;
  for (const id of vocabulary.values()) largest = Math.max(largest, id);
  const ranks = new PairRanks(largest + 1);
  if (!Array.isArray(merges)) throw invalid(merges);
  merges.forEach((merge: unknown, rank) => {
    const pair: unknown = typeof merge === 'string' ? merge.split(' ') : merge;
    if (!Array.isArray(pair) || pair.length !== 2) throw invalid(merge);
    const [left, right] = pair as [string, string];
    const joined = prefixLength === 0 ? left + right : left + Array.from(right).slice(prefixLength).join('');
    const ids = [left, right, joined].map((token) => vocabulary.get(token));
    if (ids.includes(undefined)) throw invalid(merge);
    ranks.add(rank, ids[0]!, ids[1]!, ids[2]!);
  });
  return ranks;
}
