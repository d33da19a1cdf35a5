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

/** Of a tree's rows each may see all others, so that attention takes time and memory with the square of a part. */
const CANDIDATE_ROWS = 256;
/** Of candidates that are laid out as several trees: enough that the rows of the last one, which are padded, hardly count. */
const TREE_ROWS = 128;

/** What of a sequence's candidates is computed: all, the right one alone, or one logit each. */
type Computed = 'all candidates' | 'target' | 'label words';

/**
 * Consecutive pieces of a batch that are small enough to run at once (or are one sequence). Shared rows are computed once
 * a piece, so they count once.
 */
export function cutBatch(
  batch: readonly PromptSequence[],
  sharedRows: number,
  computed: Computed = 'all candidates',
  limits: RunLimits = { rows: ROWS_A_RUN, ends: Number.POSITIVE_INFINITY },
): PromptSequence[][] {
  const pieces: PromptSequence[][] = [];
  // a long beginning is not computed anew for a handful of rows
  const beside = Math.max(limits.rows - sharedRows, Math.floor(limits.rows / 2));
  let rows = 0;
  let ends = 0;
  for (const sequence of batch) {
    const own = ownCost(sequence, sharedRows, computed);
    if (pieces.length > 0 && rows + own.rows <= beside && ends + own.ends <= limits.ends) {
      pieces.at(-1)!.push(sequence);
    } else {
      pieces.push([sequence]);
      rows = 0;
      ends = 0;
    }
    rows += own.rows;
    ends += own.ends;
  }
  return pieces;
}

/** What a sequence adds to a run, at most: what its candidates share is counted with each. */
function ownCost(sequence: PromptSequence, sharedRows: number, computed: Computed): RunLimits {
  const { context, candidates, target, masked } = sequence;
  const total = (counts: readonly { readonly length: number }[]) => counts.reduce((sum, { length }) => sum + length, 0);
  if (masked !== undefined) {
    return { rows: total(masked.map(({ ids }) => ids)), ends: total(masked.map(({ masks }) => masks)) };
  }
  const own = context.length - sharedRows;
  if (computed === 'label words') return { rows: own, ends: 0 };
  if (computed === 'target') {
    const length = candidates[target ?? 0]?.length ?? 1;
    return { rows: own + length - 1, ends: length };
  }
  const rows = candidateRows(candidates);
  return { rows: own + rows, ends: rows + 1 };
}

/** Each token but the last is a row. */
function candidateRows(candidates: readonly Int32Array[]): number {
  return candidates.reduce((sum, { length }) => sum + length - 1, 0);
}

/**
 * Places of a sequence's candidates in parts that are each small enough for a run, with the context in front; one part
 * where all are. Candidates of masked texts add no rows of their own.
 */
export function candidateParts(sequence: PromptSequence, sharedRows: number, { rows, ends }: RunLimits): number[][] {
  const { context, candidates, masked } = sequence;
  const beside = Math.max(rows - (context.length - sharedRows), Math.floor(rows / 2));
  const limit = Math.max(1, Math.min(beside, ends - 1));
  if (masked !== undefined || candidateRows(candidates) <= limit) return [[...candidates.keys()]];
  return cutCandidates(candidates, Math.min(limit, CANDIDATE_ROWS));
}

/** Whether a sequence's candidates, all with their logits over the vocabulary, are laid out as trees behind its context: so many rows each. */
export function treeRowsOf({ context, candidates, masked, decoderStart }: PromptSequence): number | undefined {
  const isCausal = masked === undefined && decoderStart === undefined;
  return isCausal && context.length > 1 && candidateRows(candidates) > TREE_ROWS ? TREE_ROWS : undefined;
}

/** Rows of candidates' trees that a run takes beside their context. */
export const treesARun = ({ rows, ends }: RunLimits): number => Math.max(1, Math.min(rows, ends - 1));

/** As `candidateParts`, of candidates that are laid out as trees. */
export const partsOfTrees = ({ candidates }: PromptSequence, limits: RunLimits): number[][] =>
  candidateRows(candidates) <= treesARun(limits)
    ? [[...candidates.keys()]]
    : cutCandidates(candidates, treesARun(limits));
