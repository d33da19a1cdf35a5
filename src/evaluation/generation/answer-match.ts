import { countNgrams, f1, separateChinese, sharedCount, splitAtSpace, type TokenUnit } from './text-tokens.js';

/** Python's `string.punctuation`. */
const PUNCTUATION = /[!-/:-@[-`{-~]/g;
/** Of other scripts too, for texts that are counted by character. */
const ANY_PUNCTUATION = /[\p{P}\p{S}]/gu;
const ARTICLES = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu;

/**
 * An answer as SQuAD compares it (Rajpurkar et al. 2016): lower case, without punctuation and articles, single spaces.
 * Where characters are counted, punctuation of all scripts goes and each Chinese character is a token.
 */
export function answerTokens(answer: string, unit: TokenUnit): string[] {
  const lower = answer.toLowerCase();
  if (unit === 'characters') return splitAtSpace(separateChinese(lower.replace(ANY_PUNCTUATION, '')));
  return splitAtSpace(lower.replace(PUNCTUATION, '').replace(ARTICLES, ' '));
}

/** 1 where an answer is one of the right ones, as SQuAD compares them, else 0. */
export function exactMatch(prediction: string, references: readonly string[], unit: TokenUnit): number {
  const given = answerTokens(prediction, unit).join(' ');
  return Number(references.some((reference) => answerTokens(reference, unit).join(' ') === given));
}

/** F1 of an answer's tokens with those of the right answer that it is nearest to (SQuAD 2.0's rule for empty ones). */
export function tokenF1(prediction: string, references: readonly string[], unit: TokenUnit): number {
  const given = answerTokens(prediction, unit);
  return references.reduce((best, reference) => Math.max(best, overlap(given, answerTokens(reference, unit))), 0);
}

function overlap(given: readonly string[], right: readonly string[]): number {
  if (given.length === 0 || right.length === 0) return Number(given.length === right.length);
  const shared = sharedCount(countNgrams(given, 1), countNgrams(right, 1));
  return f1(shared / given.length, shared / right.length);
}
