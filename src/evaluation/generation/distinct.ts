import { countNgrams, separateChinese, splitAtSpace, type TokenUnit } from './text-tokens.js';

/** Different n-grams of all texts, divided by all of them (Li et al. 2016, section 5.3): 1 where nothing repeats, 0 where there are none. */
export function distinct(texts: Iterable<string>, n: number, unit: TokenUnit): number {
  const different = new Set<string>();
  let all = 0;
  for (const text of texts) {
    const tokens = splitAtSpace(unit === 'characters' ? separateChinese(text) : text);
    for (const [ngram, count] of countNgrams(tokens, n)) {
      different.add(ngram);
      all += count;
    }
  }
  return all === 0 ? 0 : different.size / all;
}

/** Different texts, divided by all (USR of Li et al. 2020): 1 where no sentence is given twice. */
export function distinctSentences(texts: readonly string[]): number {
  return texts.length === 0 ? 0 : new Set(texts.map((text) => splitAtSpace(text).join(' '))).size / texts.length;
}
