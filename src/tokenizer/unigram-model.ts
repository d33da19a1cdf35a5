import { type TokenizerComponent, tokenizerInvalid } from './tokenizer-json.js';

/** What an unknown character costs beyond the rarest piece, in nats. */
const UNKNOWN_COST = 10;

/** A node of a tree of pieces, a character an edge. */
interface Node {
  readonly next: Map<string, Node>;
  /** The piece that ends here. */
  id?: number;
}

/**
 * The ids of a stretch of text by the unigram language model (Kudo 2018): of all ways to cut it into pieces of the vocabulary the
 * one of highest probability, found by Viterbi's algorithm as Hugging Face's library runs it. A character in no piece is unknown;
 * unknown neighbours are one, or become their bytes where the model has those. Errors: TOKENIZER_INVALID.
 */
export function unigramModel(model: TokenizerComponent, source: string): (text: string) => readonly number[] {
  const scores = readScores(model.scores, source);
  const vocabulary = new Map(Object.entries(model.vocab as Readonly<Record<string, number>>));
  const unknown = typeof model.unk_id === 'number' && model.unk_id < scores.length ? model.unk_id : undefined;
  const bytes = model.byte_fallback === true ? byteIds(vocabulary) : undefined;
  const root = pieceTree(vocabulary);
  const unknownScore = scores.reduce((least, score) => Math.min(least, score), Number.POSITIVE_INFINITY) - UNKNOWN_COST;

  const unknownIds = (text: string): readonly number[] => {
    const known = vocabulary.get(text);
    if (known !== undefined) return [known];
    const own = bytes && Array.from(Buffer.from(text), (byte) => bytes[byte]);
    if (own !== undefined && !own.includes(undefined)) return own as number[];
    if (unknown !== undefined) return [unknown];
    throw tokenizerInvalid(`${source} has no unknown token for '${text}'`, 'a Unigram model with unk_id');
  };

  return (text) => {
    const characters = Array.from(text);
    const best = new Float64Array(characters.length + 1);
    const from = new Int32Array(characters.length + 1).fill(-1);
    const ids = new Int32Array(characters.length + 1).fill(-1);
    const offer = (end: number, start: number, score: number, id: number) => {
      if (from[end] !== -1 && score <= best[end]!) return;
      [best[end], from[end], ids[end]] = [score, start, id];
    };
    for (let start = 0; start < characters.length; start++) {
      let node: Node | undefined = root;
      let alone = false;
      for (let end = start; end < characters.length; end++) {
        node = node.next.get(characters[end]!);
        if (node === undefined) break;
        if (node.id === undefined) continue;
        offer(end + 1, start, scores[node.id]! + best[start]!, node.id);
        alone ||= end === start;
      }
      if (!alone) offer(start + 1, start, unknownScore + best[start]!, -1);
    }
    // from the end; unknown neighbours together
    const found: number[][] = [];
    for (let end = characters.length; end > 0; ) {
      let start = from[end]!;
      const isUnknown = (at: number) => ids[at] === -1 || ids[at] === unknown;
      if (isUnknown(end)) {
        while (start > 0 && isUnknown(start)) start = from[start]!;
        found.push([...unknownIds(characters.slice(start, end).join(''))]);
      } else found.push([ids[end]!]);
      end = start;
    }
    return found.reverse().flat();
  };
}

function readScores(scores: unknown, source: string): Float64Array {
  if (Array.isArray(scores) && scores.length > 0 && scores.every((score) => typeof score === 'number')) {
    return Float64Array.from(scores);
  }
  throw tokenizerInvalid(
    `The vocabulary of ${source} has pieces without a score`,
    'a Unigram vocabulary of [piece, score]',
  );
}

function pieceTree(vocabulary: ReadonlyMap<string, number>): Node {
  const root: Node = { next: new Map() };
  for (const [piece, id] of vocabulary) {
    let node = root;
    for (const character of piece) {
      let next = node.next.get(character);
      if (next === undefined) {
        next = { next: new Map() };
        node.next.set(character, next);
      }
      node = next;
    }
    if (node !== root) node.id = id;
  }
  return root;
}

/** Ids of the bytes 0 to 255, `<0x00>` to `<0xFF>`. */
function byteIds(vocabulary: ReadonlyMap<string, number>): readonly (number | undefined)[] {
  const name = (byte: number) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
  return Array.from({ length: 256 }, (_, byte) => vocabulary.get(name(byte)));
}
