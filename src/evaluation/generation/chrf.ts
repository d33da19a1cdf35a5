import { SACREBLEU } from './bleu.js';
import { sharedCount, withoutSpace } from './text-tokens.js';

/** Runs of up to six characters; recall counts β² = 4 times (Popović 2015). */
const ORDERS = 6;
const BETA_SQUARED = 4;

/** What chrF needs of one text: [text, reference, shared] for n from 1 to 6. They add up over a corpus. */
export type ChrfCounts = readonly number[];

/** Beside the reference that gives the best figure. */
export function chrfCounts(prediction: string, references: readonly string[]): ChrfCounts {
  const given = characterNgrams(prediction);
  let best: { readonly counts: ChrfCounts; readonly score: number } | undefined;
  for (const reference of references) {
    const counts = characterNgrams(reference).flatMap((right, order) => {
      const own = given[order]!;
      return [right.size === 0 ? 0 : sum(own), sum(right), sharedCount(own, right)];
    });
    const score = scoreOf(counts);
    if (best === undefined || score > best.score) best = { counts, score };
  }
  return best!.counts;
}

/** chrF of a corpus, 0 to 100: sacreBLEU's figure with its defaults. @param chosen picks among the counts, for resamples */
export function corpusChrf(counts: readonly ChrfCounts[], chosen: Iterable<number> = counts.keys()): number {
  const total = new Array<number>(3 * ORDERS).fill(0);
  for (const i of chosen) for (const [k, count] of counts[i]!.entries()) total[k]! += count;
  return scoreOf(total);
}

function scoreOf(counts: readonly number[]): number {
  let [precision, recall, orders] = [0, 0, 0];
  for (let n = 0; n < ORDERS; n++) {
    const [own, right, shared] = counts.slice(3 * n) as [number, number, number];
    if (own === 0 || right === 0) continue;
    precision += shared / own;
    recall += shared / right;
    orders++;
  }
  if (precision + recall === 0) return 0;
  return ((100 / orders) * ((1 + BETA_SQUARED) * precision * recall)) / (BETA_SQUARED * precision + recall);
}

function characterNgrams(text: string): Map<string, number>[] {
  const characters = Array.from(withoutSpace(text));
  return Array.from({ length: ORDERS }, (_, order) => {
    const counts = new Map<string, number>();
    for (let i = 0; i + order < characters.length; i++) {
      const ngram = characters.slice(i, i + order + 1).join('');
      counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
    }
    return counts;
  });
}

function sum(counts: ReadonlyMap<string, number>): number {
  let all = 0;
  for (const count of counts.values()) all += count;
  return all;
}

/** sacreBLEU's signature. @param references how many each text has; `var` where they differ */
export function chrfSignature(references: number | 'var'): string {
  return `nrefs:${references}|case:mixed|eff:yes|nc:6|nw:0|space:no|version:${SACREBLEU}`;
}
