import type { PromptSequence } from '../prompt/sequence.js';
import { cutCandidates } from './cut-candidates.js';

/** What a run of the network takes at most: enough for full speed, few enough for memory. */
export interface RunLimits {
  readonly rows: number;
  /** End rows whose logits over the vocabulary are held. */
  readonly ends: number;
}

const ROWS_A_RUN = 640;
/** 100 MB each time that they are held. */
const LOGITS_A_RUN = 25_000_000;

export function runLimits(vocabularySize: number): RunLimits {
  return { rows: ROWS_A_RUN, ends: Math.max(1, Math.min(ROWS_A_RUN, Math.floor(LOGITS_A_RUN / vocabularySize))) };
}

/** What of a sequence's candidates is computed: all, the right one alone, or one logit each. */
type Candidates = 'all candidates' | 'target' | 'label words';

/**
 * Consecutive pieces of a batch that are small enough to run at once (or are one sequence). Shared rows are computed once
 * a piece, so they count once.
 */
export function cutBatch(
  batch: readonly PromptSequence[],
  sharedRows: number,
  candidates: Candidates = 'label words',
  limits: RunLimits = { rows: ROWS_A_RUN, ends: Number.POSITIVE_INFINITY },
): PromptSequence[][] {
  const pieces: PromptSequence[][] = [];
  let rows = 0;
  let ends = 0;
  for (const sequence of batch) {
    const own = candidateRows(sequence, candidates);
    const added = {
      rows: sequence.context.length - sharedRows + own,
      ends: candidates === 'label words' ? 0 : own + 1,
    };
    if (pieces.length > 0 && rows + added.rows <= limits.rows && ends + added.ends <= limits.ends) {
      pieces.at(-1)!.push(sequence);
    } else {
      pieces.push([sequence]);
      rows = sharedRows;
      ends = 0;
    }
    rows += added.rows;
    ends += added.ends;
  }
  return pieces;
}

/** Rows that candidates add to their context's, at most: each token but the last is one, what candidates share counts twice. */
function candidateRows({ candidates, target }: PromptSequence, which: Candidates): number {
  if (which === 'target') return (candidates[target ?? 0]?.length ?? 1) - 1;
  return candidates.reduce((sum, { length }) => sum + length - 1, 0);
}

/**
 * Places of a sequence's candidates in parts that are each small enough for a run, the context beside them; one part
 * where all are.
 */
export function candidateParts(sequence: PromptSequence, sharedRows: number, { rows, ends }: RunLimits): number[][] {
  const beside = Math.max(rows - (sequence.context.length - sharedRows), Math.floor(rows / 2));
  const limit = Math.max(1, Math.min(beside, ends - 1));
  if (candidateRows(sequence, 'all candidates') <= limit) return [[...sequence.candidates.keys()]];
  return cutCandidates(sequence.candidates, limit);
}
