import { countNgrams, f1, separateChinese, sharedCount, type TokenUnit } from './text-tokens.js';

/** F-measures (Lin 2004), each from 0 to 1. */
export interface RougeScores {
  readonly rouge1: number;
  readonly rouge2: number;
  /** Of the longest common subsequence, the text taken as one sentence. */
  readonly rougeL: number;
}

/**
 * ROUGE of a text beside the reference that it is nearest to, measure by measure: the numbers of `rouge-score` without
 * stemming. Tokens are runs of a–z and 0–9; where characters are counted, each Chinese one too.
 */
export function rouge(prediction: string, references: readonly string[], unit: TokenUnit): RougeScores {
  const given = rougeTokens(prediction, unit);
  const best = { rouge1: 0, rouge2: 0, rougeL: 0 };
  for (const reference of references) {
    const right = rougeTokens(reference, unit);
    best.rouge1 = Math.max(best.rouge1, ngramScore(given, right, 1));
    best.rouge2 = Math.max(best.rouge2, ngramScore(given, right, 2));
    best.rougeL = Math.max(best.rougeL, subsequenceScore(given, right));
  }
  return best;
}

function rougeTokens(text: string, unit: TokenUnit): string[] {
  const lower = text.toLowerCase();
  if (unit === 'words') return lower.match(/[a-z0-9]+/g) ?? [];
  return separateChinese(lower).match(/[a-z0-9]+|\p{Script=Han}/gu) ?? [];
}

function ngramScore(given: readonly string[], right: readonly string[], n: number): number {
  const [a, b] = [countNgrams(given, n), countNgrams(right, n)];
  const shared = sharedCount(a, b);
  return f1(shared / Math.max(given.length - n + 1, 1), shared / Math.max(right.length - n + 1, 1));
}

function subsequenceScore(given: readonly string[], right: readonly string[]): number {
  if (given.length === 0 || right.length === 0) return 0;
  const length = longestCommonSubsequence(given, right);
  return f1(length / given.length, length / right.length);
}

function longestCommonSubsequence(a: readonly string[], b: readonly string[]): number {
  let row = new Int32Array(b.length + 1);
  for (const token of a) {
    const next = new Int32Array(b.length + 1);
    for (let j = 1; j <= b.length; j++) {
      next[j] = token === b[j - 1] ? row[j - 1]! + 1 : Math.max(row[j]!, next[j - 1]!);
    }
    row = next;
  }
  return row[b.length]!;
}
