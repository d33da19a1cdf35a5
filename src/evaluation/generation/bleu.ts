import { type BleuTokenizer, bleuTokens } from './bleu-tokens.js';
import { countNgrams } from './text-tokens.js';

const ORDERS = [1, 2, 3, 4] as const;

/** What BLEU needs of one text: these add up over a corpus. */
export interface BleuCounts {
  /** Tokens of the text, and of the reference whose length is nearest. */
  readonly length: number;
  readonly referenceLength: number;
  /** n-grams that a reference has, and all of them, n from 1 to 4. */
  readonly correct: readonly number[];
  readonly total: readonly number[];
}

export function bleuCounts(prediction: string, references: readonly string[], tokenizer: BleuTokenizer): BleuCounts {
  const given = bleuTokens(prediction, tokenizer);
  const right = references.map((reference) => bleuTokens(reference, tokenizer));
  const nearest = right
    .map(({ length }) => length)
    .reduce((best, length) => {
      const [was, is] = [Math.abs(best - given.length), Math.abs(length - given.length)];
      return is < was || (is === was && length < best) ? length : best;
    });
  const correct = ORDERS.map((n) => {
    const allowed = new Map<string, number>();
    for (const tokens of right) {
      for (const [ngram, count] of countNgrams(tokens, n)) allowed.set(ngram, Math.max(allowed.get(ngram) ?? 0, count));
    }
    let shared = 0;
    for (const [ngram, count] of countNgrams(given, n)) shared += Math.min(count, allowed.get(ngram) ?? 0);
    return shared;
  });
  const total = ORDERS.map((n) => Math.max(0, given.length - n + 1));
  return { length: given.length, referenceLength: nearest, correct, total };
}

/**
 * BLEU of a corpus (Papineni et al. 2002), 0 to 100: sacreBLEU's figure with its defaults (exponential smoothing, case
 * kept, no effective order). @param counts one a text; `chosen` picks among them, for resamples
 */
export function corpusBleu(counts: readonly BleuCounts[], chosen: Iterable<number> = counts.keys()): number {
  let [length, referenceLength] = [0, 0];
  const correct = ORDERS.map(() => 0);
  const total = ORDERS.map(() => 0);
  for (const i of chosen) {
    const one = counts[i]!;
    length += one.length;
    referenceLength += one.referenceLength;
    for (const [n] of ORDERS.entries()) {
      correct[n]! += one.correct[n]!;
      total[n]! += one.total[n]!;
    }
  }
  if (correct.every((count) => count === 0)) return 0;
  const brevity = length >= referenceLength ? 1 : length === 0 ? 0 : Math.exp(1 - referenceLength / length);
  let smoothing = 1;
  let logs = 0;
  for (const [n] of ORDERS.entries()) {
    if (total[n] === 0) return 0; // sacreBLEU takes the log of a precision of 0
    if (correct[n] === 0) smoothing *= 2;
    logs += Math.log(correct[n] === 0 ? 100 / (smoothing * total[n]!) : (100 * correct[n]!) / total[n]!);
  }
  return brevity * Math.exp(logs / ORDERS.length);
}

/** sacreBLEU's signature. @param references how many each text has; `var` where they differ */
export function bleuSignature(tokenizer: BleuTokenizer, references: number | 'var'): string {
  return `nrefs:${references}|case:mixed|eff:no|tok:${tokenizer}|smooth:exp|version:${SACREBLEU}`;
}

/** The version of sacreBLEU whose figures are these. */
export const SACREBLEU = '2.6.0';
