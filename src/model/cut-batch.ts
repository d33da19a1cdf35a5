import type { PromptSequence } from '../prompt/sequence.js';

/** Rows that a run of the network takes at most: enough for full speed, few enough for memory. */
const ROWS_A_RUN = 640;

/**
 * Consecutive pieces of a batch that are small enough to run at once (or are one sequence). Shared rows are computed once
 * a piece, so they count once.
 */
export function cutBatch(batch: readonly PromptSequence[], sharedRows: number): PromptSequence[][] {
  const pieces: PromptSequence[][] = [];
  let rows = 0;
  for (const sequence of batch) {
    const own = ownRows(sequence, sharedRows);
    if (pieces.length > 0 && rows + own <= ROWS_A_RUN) pieces.at(-1)!.push(sequence);
    else {
      pieces.push([sequence]);
      rows = sharedRows;
    }
    rows += own;
  }
  return pieces;
}

/** What a sequence adds to a run: its own context rows, and its candidates' tokens as rows or as logits. */
function ownRows({ context, candidates, masked }: PromptSequence, sharedRows: number): number {
  if (masked !== undefined) return masked.reduce((sum, { ids }) => sum + ids.length, 0);
  return context.length - sharedRows + candidates.reduce((sum, { length }) => sum + length, 0);
}
