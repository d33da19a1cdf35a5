import type { DecodingSettings } from './decoding-options.js';

/** Written over the logit of a token that must not come. */
export const NEVER = Number.NEGATIVE_INFINITY;

/**
 * Changes the logits [V] by what stands before, as transformers does: first the repetition penalty, then repeated n-grams.
 * @param before the ids of text and answer so far, learned tokens left out
 */
export function penalise(
  logits: Float32Array,
  before: readonly number[],
  { repetitionPenalty, noRepeatNgram }: Pick<DecodingSettings, 'repetitionPenalty' | 'noRepeatNgram'>,
): void {
  if (repetitionPenalty !== 1) {
    for (const id of new Set(before)) {
      const logit = logits[id]!;
      logits[id] = logit < 0 ? logit * repetitionPenalty : logit / repetitionPenalty;
    }
  }
  if (noRepeatNgram > 0) for (const id of repeating(before, noRepeatNgram)) logits[id] = NEVER;
}

/** Tokens with which the last n tokens would have occurred before. */
function repeating(before: readonly number[], n: number): number[] {
  const start = before.length - n + 1;
  if (start < 0) return [];
  const found: number[] = [];
  for (let i = 0; i < start; i++) {
    let same = true;
    for (let k = 0; k < n - 1 && same; k++) same = before[i + k] === before[start + k];
    if (same) found.push(before[i + n - 1]!);
  }
  return found;
}
