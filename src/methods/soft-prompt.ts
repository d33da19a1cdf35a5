import type { Trainable } from '../network/trainable.js';

/** Under which name the learned tokens stand among the arrays. */
export const PROMPT = 'prompt';

/** A soft prompt (Lester et al. 2021): learned tokens [P, d] that stand as rows of the sequences. */
export function softPrompt(tokens: number, width: number): Trainable {
  return {
    arrays: { [PROMPT]: [tokens, width] },
    rows: tokens,
    leadingRows: 0,
    enter: (arrays) => ({ rows: arrays[PROMPT] }),
  };
}
