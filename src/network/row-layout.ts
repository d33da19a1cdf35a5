import { asLearnedToken, type PromptSequence } from '../prompt/sequence.js';
import { cutCandidates } from './cut-candidates.js';

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
  /** Whose candidate it is: the place of the sequence in the batch. */
  readonly sequence: number;
  /** Which of the examples holds the row: a masked sequence has one for each of its texts. */
  readonly example: number;
  readonly candidate: number;
  /** The own row (counted from the example's first) whose output predicts the token. */
  readonly row: number;
  readonly token: number;
  /** What its log-probability counts in the candidate's score. */
  readonly weight: number;
}

export interface LayoutOptions {
  /** How many leading ids all contexts share, or fewer; each context keeps at least one row of its own. 0 for masked texts. */
  readonly sharedRows: number;
  /** 'target': the right candidate of each example alone; 'all': every candidate. */
  readonly only: 'target' | 'all';
  /** The position of the first row: how many keys stand in front of all rows, or of those of a sequence (its place). */
  readonly firstPosition?: number | ((sequence: number) => number);
  /**
   * For one causal sequence alone: its candidates are laid out as trees of at most so many rows, each an example of its own behind
   * the whole context, which is shared. Rows see their own tree only, where in one tree attention grows with the square of its size.
   */
  readonly treeRows?: number | undefined;
}

/** Lays out a batch, of which either all sequences are masked or none. */
export function layOutRows(batch: readonly PromptSequence[], options: LayoutOptions): RowLayout {
  const [first] = batch;
  if (first!.masked !== undefined) return layOutMasked(batch, options);
  if (first!.decoderStart === undefined) return layOutCausal(batch, options);
  // of an encoder-decoder the decoder's rows
  const decoders = batch.map((sequence) => ({ ...sequence, context: sequence.decoderStart! }));
  return layOutCausal(decoders, { ...options, sharedRows: 0 });
}

function layOutCausal(
  batch: readonly PromptSequence[],
  { sharedRows, only, firstPosition = 0, treeRows }: LayoutOptions,
): RowLayout {
  const most = treeRows === undefined ? sharedRows : Number.POSITIVE_INFINITY;
  const shared = batch.reduce((least, { context }) => Math.min(least, context.length - 1), most);
  const tokens: number[] = [...batch[0]!.context.subarray(0, shared)];
  const first = typeof firstPosition === 'number' ? () => firstPosition : firstPosition;
  const positions: number[] = tokens.map((_, i) => first(0) + i);
  const examples: ExampleRows[] = [];
  const scored: ScoredToken[] = [];

  const addExample = (sequence: PromptSequence, place: number, candidates: readonly number[]) => {
    const example = examples.length;
    const start = tokens.length;
    const predecessors: number[] = [];
    const addRow = (token: number, predecessor: number, position: number): number => {
      tokens.push(token);
      positions.push(first(place) + position);
      return predecessors.push(predecessor) - 1;
    };
    for (let t = shared; t < sequence.context.length; t++) {
      addRow(sequence.context[t]!, predecessors.length - 1, t);
    }
    const contextEnd = predecessors.length - 1;
    /** `row token` → the row in which that token follows that row. */
    const tree = new Map<string, number>();
    for (const c of candidates) {
      const candidate = sequence.candidates[c]!;
      let row = contextEnd;
      candidate.forEach((token, j) => {
        scored.push({ sequence: place, example, candidate: c, row, token, weight: 1 });
        if (j === candidate.length - 1) return;
        const key = `${row} ${token}`;
        const next = tree.get(key) ?? addRow(token, row, sequence.context.length + j);
        tree.set(key, next);
        row = next;
      });
    }
    examples.push({ start, predecessors });
  };
  batch.forEach((sequence, place) => {
    const all = [...sequence.candidates.keys()];
    const wanted = only === 'all' ? all : all.filter((c) => c === sequence.target);
    const trees = treeRows === undefined ? [wanted] : cutCandidates(sequence.candidates, treeRows);
    for (const candidates of trees) addExample(sequence, place, candidates);
  });
  return { sharedRows: shared, ...rowsOf(tokens), positions: Int32Array.from(positions), examples, scored };
}

/**
 * Every text of a masked sequence is an example. A candidate's score is the sum of its words' log-probabilities, times the
 * length of the longest candidate over its own: the mean of a word, in the unit of the longest, so that fewer masks are no
 * advantage, and the plain sum where all candidates are equally long.
 */
function layOutMasked(batch: readonly PromptSequence[], { only, firstPosition = 0 }: LayoutOptions): RowLayout {
  const tokens: number[] = [];
  const positions: number[] = [];
  const examples: ExampleRows[] = [];
  const scored: ScoredToken[] = [];
  batch.forEach(({ masked, candidates, target }, sequence) => {
    const longest = candidates.reduce((most, { length }) => Math.max(most, length), 0);
    for (const { ids, masks } of masked!) {
      const wanted = candidates.flatMap((candidate, c) =>
        candidate.length === masks.length && (only === 'all' || c === target) ? [c] : [],
      );
      if (wanted.length === 0) continue;
      const example = examples.push({ start: tokens.length, predecessors: Array.from(ids, (_, t) => t - 1) }) - 1;
      for (const c of wanted) {
        const weight = longest / masks.length;
        masks.forEach((row, j) => {
          scored.push({ sequence, example, candidate: c, row, token: candidates[c]![j]!, weight });
        });
      }
      for (const [t, id] of ids.entries()) {
        tokens.push(id);
        positions.push((typeof firstPosition === 'number' ? firstPosition : firstPosition(sequence)) + t);
      }
    }
  });
  return { sharedRows: 0, ...rowsOf(tokens), positions: Int32Array.from(positions), examples, scored };
}

const rowsOf = (tokens: readonly number[]) => ({
  ids: Int32Array.from(tokens, (token) => Math.max(token, 0)),
  learned: Int32Array.from(tokens, (token) => asLearnedToken(token) ?? -1),
});
