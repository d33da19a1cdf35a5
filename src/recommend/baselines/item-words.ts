import { type AttributeTable, matchAttributes } from '../../data/interactions/attribute-table.js';
import { readableText } from '../../data/interactions/item-titles.js';

/** Words of I items in compressed form: item i's are entries offsets[i] … offsets[i + 1] − 1. */
export interface ItemWords {
  /** [I + 1] */
  readonly offsets: Int32Array;
  /** Codes of words, ascending within an item. */
  readonly words: Int32Array;
  /** How much each counts; the squares of an item's add up to 1. */
  readonly weights: Float32Array;
}

/** A word of more items than this share says nothing, … */
const COMMON_SHARE = 0.2;
/** … nor one of so many: pairs grow with the square. */
const COMMON_ITEMS = 2000;

/**
 * Words by tf-idf: (1 + ln n) · ln(I / df) for a word that occurs n times in an item's text and in df of I texts; words of one
 * text alone are left out, they liken nothing.
 * @param texts [I], '' where nothing is known
 */
export function itemWords(texts: readonly string[]): ItemWords {
  const counts = texts.map(countWords);
  const occurs = new Map<string, number>();
  for (const count of counts) for (const word of count.keys()) occurs.set(word, (occurs.get(word) ?? 0) + 1);
  const most = Math.max(2, Math.min(COMMON_SHARE * texts.length, COMMON_ITEMS));
  const codes = new Map<string, number>();
  const rarity: number[] = [];
  for (const [word, df] of occurs) {
    if (df < 2 || df > most) continue;
    codes.set(word, rarity.length);
    rarity.push(Math.log(texts.length / df));
  }
  const offsets = [0];
  const words: number[] = [];
  const weights: number[] = [];
  for (const count of counts) {
    const own = [...count].flatMap(([word, n]) => {
      const code = codes.get(word);
      return code === undefined ? [] : [[code, (1 + Math.log(n)) * rarity[code]!] as const];
    });
    own.sort(([a], [b]) => a - b);
    const length = Math.sqrt(own.reduce((sum, [, weight]) => sum + weight * weight, 0));
    for (const [code, weight] of own) {
      words.push(code);
      weights.push(weight / length);
    }
    offsets.push(words.length);
  }
  return { offsets: Int32Array.from(offsets), words: Int32Array.from(words), weights: Float32Array.from(weights) };
}

/** What some columns say of each item, one text an item, [I]. @param ids code → id */
export function wordTexts(table: AttributeTable, ids: readonly string[], names: readonly string[]): string[] {
  const columns = names.flatMap((name) => [table.columns.get(name) ?? []]);
  const { rows } = matchAttributes(table, ids);
  return Array.from(rows, (row) => columns.map((column) => readableText(column[row] ?? '')).join(' '));
}

/** The items of each word with its weights there; `offsets` [words + 1]. */
export function itemsOfWords({ offsets, words, weights }: ItemWords): {
  readonly offsets: Int32Array;
  readonly items: Int32Array;
  readonly weights: Float32Array;
} {
  const count = words.reduce((most, word) => Math.max(most, word + 1), 0);
  const starts = new Int32Array(count + 1);
  for (const word of words) starts[word + 1]! += 1;
  for (let word = 0; word < count; word++) starts[word + 1]! += starts[word]!;
  const next = starts.slice();
  const items = new Int32Array(words.length);
  const ofWords = new Float32Array(words.length);
  for (let item = 0; item + 1 < offsets.length; item++) {
    for (let at = offsets[item]!; at < offsets[item + 1]!; at++) {
      const place = next[words[at]!]!++;
      items[place] = item;
      ofWords[place] = weights[at]!;
    }
  }
  return { offsets: starts, items, weights: ofWords };
}

const segments = new Intl.Segmenter(undefined, { granularity: 'word' });

/** The words of a text, in small letters, and how often each occurs; in Chinese and its like by a dictionary of words. */
function countWords(text: string): Map<string, number> {
  const count = new Map<string, number>();
  for (const { segment, isWordLike } of segments.segment(text.toLowerCase().normalize('NFKC'))) {
    if (isWordLike) count.set(segment, (count.get(segment) ?? 0) + 1);
  }
  return count;
}
