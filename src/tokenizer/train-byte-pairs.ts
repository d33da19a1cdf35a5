import { isDeepStrictEqual } from 'node:util';
import { byteCharacter } from './describe-token.js';
import type { TokenizerJson } from './tokenizer-json.js';

/**
 * How a text is cut before merging: English contractions, runs of Chinese characters, words with the space before them,
 * single digits, runs of marks, white space. Every character belongs to exactly one piece.
 */
const PIECES =
  "'(?:s|t|re|ve|m|ll|d)|[一-鿿㐀-䶿]+| ?[^\\s\\p{N}\\p{P}\\p{S}一-鿿㐀-䶿]+|\\p{N}| ?[\\p{P}\\p{S}]+|\\s+(?!\\S)|\\s+";

/** `PIECES` as Hugging Face's library reads it: there white space is Unicode's, in JavaScript nearly so. */
const EXPRESSION = new RegExp(PIECES.replaceAll('\\s', '\\p{White_Space}').replaceAll('\\S', '\\P{White_Space}'), 'gu');

export function splitPieces(text: string): readonly string[] {
  return text.match(EXPRESSION) ?? [];
}

/** Longer runs of letters are no words; in parts they are counted in time that grows with their length alone. */
const LONGEST_PIECE = 200;

/** Adds how often each piece of `text` occurs to `counts`. */
export function countPieces(text: string, counts: Map<string, number>): void {
  for (const whole of splitPieces(text)) {
    for (let start = 0; start < whole.length; ) {
      const end = start + LONGEST_PIECE;
      const piece = whole.slice(start, /[\udc00-\udfff]/.test(whole[end] ?? '') ? end + 1 : end);
      counts.set(piece, (counts.get(piece) ?? 0) + 1);
      start += piece.length;
    }
  }
}

/**
 * Byte-level BPE (Sennrich et al. 2016, algorithm 1; bytes as in Radford et al. 2019, section 2.2) as the content of a
 * `tokenizer.json`. Ids: the special tokens, the 256 bytes, then the merges in order. Of pairs that occur equally often
 * the one with the lower ids is merged first. There are fewer than `size` tokens where no pair occurs twice.
 */
export function trainBytePairs(
  counts: ReadonlyMap<string, number>,
  size: number,
  special: readonly string[],
): TokenizerJson {
  const steps = bytePairTraining(counts, size, special);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The same in steps, because it takes long: each tells how many tokens there are. */
export function* bytePairTraining(
  counts: ReadonlyMap<string, number>,
  size: number,
  special: readonly string[],
): Generator<number, TokenizerJson> {
  const names = [...special, ...Array.from({ length: 256 }, (_, byte) => byteCharacter(byte))];
  const words: (readonly number[])[] = [...counts.keys()].map((piece) =>
    Array.from(Buffer.from(piece), (byte) => special.length + byte),
  );
  const weights = [...counts.values()];
  const pairs = new PairCounts();
  for (const [index, word] of words.entries()) {
    for (let i = 0; i + 1 < word.length; i++) pairs.add(word[i]!, word[i + 1]!, index, weights[index]!);
    if (index % 1000 === 0) yield names.length;
  }
  const merges: [string, string][] = [];
  for (let best = pairs.takeMost(); names.length < size && best !== undefined; best = pairs.takeMost()) {
    const { left, right } = best;
    for (const index of best.words) {
      words[index] = merge(words[index]!, left, right, names.length, (first, second, sign) =>
        pairs.add(first, second, index, sign * weights[index]!),
      );
    }
    merges.push([names[left]!, names[right]!]);
    yield names.push(names[left]! + names[right]!);
  }
  return tokenizerJson(names, merges, special);
}

/** The word with each pair replaced by its merger; `change` hears of every pair of neighbours that goes or comes. */
function merge(
  word: readonly number[],
  left: number,
  right: number,
  merged: number,
  change: (first: number, second: number, sign: 1 | -1) => void,
): readonly number[] {
  const start = word.findIndex((token, i) => token === left && word[i + 1] === right);
  if (start === -1) return word;
  const result = word.slice(0, start);
  for (let i = start; i < word.length; i++) {
    if (word[i] !== left || word[i + 1] !== right) {
      result.push(word[i]!);
      continue;
    }
    const [before, after] = [result.at(-1), word[i + 2]];
    change(left, right, -1);
    if (before !== undefined) {
      change(before, left, -1);
      change(before, merged, 1);
    }
    if (after !== undefined) {
      change(right, after, -1);
      change(merged, after, 1);
    }
    result.push(merged);
    i++;
  }
  return result;
}

const ID_LIMIT = 1 << 20;

/** How often each pair of neighbours occurs, and in which words; the most frequent comes from a heap with stale entries. */
class PairCounts {
  private readonly counts = new Map<number, number>();
  private readonly words = new Map<number, Set<number>>();
  private readonly heap: { readonly key: number; readonly count: number }[] = [];
  private readonly changed = new Set<number>();

  add(left: number, right: number, word: number, weight: number): void {
    const key = left * ID_LIMIT + right;
    this.counts.set(key, (this.counts.get(key) ?? 0) + weight);
    this.changed.add(key);
    if (weight < 0) return;
    const words = this.words.get(key);
    if (words === undefined) this.words.set(key, new Set([word]));
    else words.add(word);
  }

  /** The pair that occurs most often, at least twice, or undefined. */
  takeMost(): { left: number; right: number; words: number[] } | undefined {
    for (const key of this.changed) this.push({ key, count: this.counts.get(key)! });
    this.changed.clear();
    for (let top = this.pop(); top !== undefined && top.count > 1; top = this.pop()) {
      if (top.count !== this.counts.get(top.key)) continue;
      const words = [...this.words.get(top.key)!];
      this.words.delete(top.key);
      return { left: Math.floor(top.key / ID_LIMIT), right: top.key % ID_LIMIT, words };
    }
    return undefined;
  }

  private before(a: number, b: number): boolean {
    const [x, y] = [this.heap[a]!, this.heap[b]!];
    return x.count > y.count || (x.count === y.count && x.key < y.key);
  }

  private swap(a: number, b: number): void {
    [this.heap[a], this.heap[b]] = [this.heap[b]!, this.heap[a]!];
  }

  private push(entry: { key: number; count: number }): void {
    let i = this.heap.push(entry) - 1;
    for (; i > 0 && this.before(i, (i - 1) >> 1); i = (i - 1) >> 1) this.swap(i, (i - 1) >> 1);
  }

  private pop(): { key: number; count: number } | undefined {
    if (this.heap.length > 1) this.swap(0, this.heap.length - 1);
    const top = this.heap.pop();
    for (let i = 0; ; ) {
      let first = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < this.heap.length && this.before(child, first)) first = child;
      }
      if (first === i) return top;
      this.swap(i, first);
      i = first;
    }
  }
}

/** Hugging Face's library asks for each of these settings. */
const BYTE_LEVEL = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };

const UNUSED_SETTINGS = {
  dropout: null,
  unk_token: null,
  continuing_subword_prefix: null,
  end_of_word_suffix: null,
  fuse_unk: false,
  byte_fallback: false,
  ignore_merges: false,
};

const PRE_TOKENIZER = {
  type: 'Sequence',
  pretokenizers: [{ type: 'Split', pattern: { Regex: PIECES }, behavior: 'Isolated', invert: false }, BYTE_LEVEL],
};

/** Whether a tokenizer cuts and merges as those of `trainBytePairs` do, with no words added to it. */
export function isTrainedHere({ normalizer, pre_tokenizer, added_tokens, model }: TokenizerJson): boolean {
  const { type, vocab, merges, ...settings } = model;
  return (
    normalizer === null &&
    isDeepStrictEqual(pre_tokenizer, PRE_TOKENIZER) &&
    added_tokens.every(({ special }) => special) &&
    Object.values(settings).every((setting) => setting === null || setting === false) &&
    (merges as readonly unknown[]).every(Array.isArray)
  );
}

function tokenizerJson(names: string[], merges: [string, string][], special: readonly string[]): TokenizerJson {
  return {
    added_tokens: special.map((content, id) => ({
      id,
      content,
      special: true,
      normalized: false,
      single_word: false,
      lstrip: false,
      rstrip: false,
    })),
    normalizer: null,
    pre_tokenizer: PRE_TOKENIZER,
    post_processor: null,
    decoder: BYTE_LEVEL,
    model: {
      type: 'BPE',
      ...UNUSED_SETTINGS,
      vocab: Object.fromEntries(names.map((name, id) => [name, id])),
      merges,
    },
  };
}
