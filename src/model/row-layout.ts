import { smallest } from '../extremes.js';
import { asLearnedToken, type PromptSequence } from '../prompt/sequence.js';

/**
 * Which rows a batch consists of, before any indices. All examples' tokens stand in one list of N rows without padding:
 * first the L rows that all examples share, then each example's own rows (the rest of its context, then its candidates'
 * tokens as a tree, so that what candidates share is computed once).
 */
export interface RowLayout {
  /** L. */
  readonly sharedRows: number;
  /** [N] token id a row; 0 for a learned token. */
  readonly ids: Int32Array;
  /** [N] learned token a row, or −1. */
  readonly learned: Int32Array;
  /** [N] position a row, for the rotary embedding. */
  readonly positions: Int32Array;
  /** One an example. */
  readonly examples: readonly ExampleRows[];
  /** Tokens whose probability is wanted, over all examples. */
  readonly scored: readonly ScoredToken[];
}

export interface ExampleRows {
  /** The example's first own row in the list of N. */
  readonly start: number;
  /**
   * One an own row, in order: the own row (counted from the example's first) that comes before it in the text, −1 for the
   * first. A row sees the shared rows, itself, and its line of predecessors.
   */
  readonly predecessors: readonly number[];
}

export interface ScoredToken {
  readonly example: number;
  readonly candidate: number;
  /** The own row (counted from the example's first) whose output predicts the token. */
  readonly row: number;
  readonly token: number;
}

/**
 * Lays out a batch.
 * @param sharedRows how many leading ids all contexts share, or fewer; each context keeps at least one row of its own
 * @param only 'target': the right candidate of each example alone; 'all': every candidate
 */
export function layOutRows(batch: readonly PromptSequence[], sharedRows: number, only: 'target' | 'all'): RowLayout {
  const shared = Math.min(sharedRows, smallest(batch.map(({ context }) => context.length - 1)));
  const tokens: number[] = [...batch[0]!.context.subarray(0, shared)];
  const positions: number[] = tokens.map((_, i) => i);
  const examples: ExampleRows[] = [];
  const scored: ScoredToken[] = [];

  batch.forEach((sequence, example) => {
    const start = tokens.length;
    const predecessors: number[] = [];
    const addRow = (token: number, predecessor: number, position: number): number => {
      tokens.push(token);
      positions.push(position);
      return predecessors.push(predecessor) - 1;
    };
    for (let t = shared; t < sequence.context.length; t++) {
      addRow(sequence.context[t]!, predecessors.length - 1, t);
    }
    const contextEnd = predecessors.length - 1;
    /** `row token` → the row in which that token follows that row. */
    const tree = new Map<string, number>();
    sequence.candidates.forEach((candidate, c) => {
      if (only === 'target' && c !== sequence.target) return;
      let row = contextEnd;
      candidate.forEach((token, j) => {
        scored.push({ example, candidate: c, row, token });
        if (j === candidate.length - 1) return;
        const key = `${row} ${token}`;
        const next = tree.get(key) ?? addRow(token, row, sequence.context.length + j);
        tree.set(key, next);
        row = next;
      });
    });
    examples.push({ start, predecessors });
  });

  return {
    sharedRows: shared,
    ids: Int32Array.from(tokens, (token) => Math.max(token, 0)),
    learned: Int32Array.from(tokens, (token) => asLearnedToken(token) ?? -1),
    positions: Int32Array.from(positions),
    examples,
    scored,
  };
}
