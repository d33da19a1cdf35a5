/** What a metric counts: words between spaces, or each Chinese character by itself. */
export type TokenUnit = 'words' | 'characters';

/** What Python's `str.split()` takes for space. */
const SPACE_CHARACTER = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+';
const SPACE = new RegExp(SPACE_CHARACTER, 'u');
const OUTER_SPACE = new RegExp(`^${SPACE_CHARACTER}|${SPACE_CHARACTER}$`, 'gu');

/** Python's `text.split()`. */
export function splitAtSpace(text: string): string[] {
  return text.split(SPACE).filter((word) => word !== '');
}

/** Python's `text.strip()`. */
export function stripSpace(text: string): string {
  return text.replace(OUTER_SPACE, '');
}

/** Python's `''.join(text.split())`. */
export function withoutSpace(text: string): string {
  return splitAtSpace(text).join('');
}

const HAN = /\p{Script=Han}/u;
const LETTER = /\p{L}/u;

/** `characters` where at least this share of the letters is Chinese. */
const CHINESE_SHARE = 0.2;

/** What to count in such texts: characters where a good part of their letters is Chinese. */
export function tokenUnitOf(texts: Iterable<string>): TokenUnit {
  let letters = 0;
  let chinese = 0;
  for (const text of texts) {
    for (const character of text) {
      if (!LETTER.test(character)) continue;
      letters++;
      if (HAN.test(character)) chinese++;
    }
  }
  return letters > 0 && chinese / letters >= CHINESE_SHARE ? 'characters' : 'words';
}

/** Puts spaces around each Chinese character, so that what splits at spaces counts it by itself. */
export function separateChinese(text: string): string {
  return text.replace(/\p{Script=Han}/gu, ' $& ');
}

/** Runs of n tokens → how often each occurs. */
export function countNgrams(tokens: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    const ngram = tokens.slice(i, i + n).join(' ');
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}

/** How many n-grams two texts share, repeated ones as often as both have them. */
export function sharedCount(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let shared = 0;
  for (const [ngram, count] of a) shared += Math.min(count, b.get(ngram) ?? 0);
  return shared;
}

/** Harmonic mean; 0 where either is 0. */
export function f1(precision: number, recall: number): number {
  return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
}
