import type { Feed } from '../../runtime/program.js';
import type { SequenceEncoder } from './encoder.js';

/** Where the rows of several sequences stand, for a network over packed rows. */
export interface PackedSequences {
  readonly feeds: Readonly<Record<string, Feed>>;
  /** N rows in all, B sequences, T items of the longest. */
  readonly sizes: { readonly N: number; readonly B: number; readonly T: number };
}

/**
 * Packs B sequences into N rows, an item each, one sequence after the other, without padding.
 * @param sequences items, the oldest first; none is empty, unless it has a user row
 * @param encoder adds what its attention needs to know
 * @param userRow whether a row of the user stands in front of each sequence's items, see `withUserRows`
 */
export function packSequences(
  sequences: readonly Int32Array[],
  encoder: Pick<SequenceEncoder, 'feeds'>,
  userRow = false,
): PackedSequences {
  const B = sequences.length;
  const before = userRow ? 1 : 0;
  const lengths = sequences.map(({ length }) => length + before);
  const T = lengths.reduce((longest, length) => Math.max(longest, length), 0);
  const N = lengths.reduce((sum, length) => sum + length, 0);
  const items = new BigInt64Array(N);
  const positions = new BigInt64Array(N);
  const lastRows = new BigInt64Array(B);
  const isItem = new Float32Array(N).fill(1);
  const userRows = new Float32Array(userRow ? N * B : 0);
  let first = 0;
  sequences.forEach((sequence, b) => {
    if (userRow) {
      isItem[first] = 0;
      userRows[first * B + b] = 1;
    }
    for (let t = 0; t < lengths[b]!; t++) {
      const place = Math.max(t - before, 0); // a user has the first item's position
      items[first + t] = BigInt(t < before ? 0 : sequence[place]!);
      positions[first + t] = BigInt(place);
    }
    first += lengths[b]!;
    lastRows[b] = BigInt(first - 1);
  });
  return {
    feeds: { items, positions, lastRows, ...(userRow && { isItem, userRows }), ...encoder.feeds(lengths) },
    sizes: { N, B, T },
  };
}

/**
 * Each item but the last of a window is a row, the item after it the row's target; see `sasRecLoss`, whose `rowShare` is
 * the batch's and not that of a piece. A user row's target is the first item.
 */
export function packTraining(
  windows: readonly Int32Array[],
  encoder: Pick<SequenceEncoder, 'feeds'>,
  userRow = false,
): PackedSequences & { readonly feeds: { readonly targets: BigInt64Array } } {
  const { feeds, sizes } = packSequences(
    windows.map((window) => window.subarray(0, -1)),
    encoder,
    userRow,
  );
  const targets = new BigInt64Array(sizes.N);
  let row = 0;
  for (const window of windows) for (const item of window.subarray(userRow ? 0 : 1)) targets[row++] = BigInt(item);
  return { feeds: { ...feeds, targets }, sizes };
}

/** Consecutive sequences that run at once. */
export interface Piece {
  /** The piece's part of a list with one entry a sequence. */
  of<T>(list: readonly T[]): T[];
}

/**
 * Cuts a batch into pieces of about equally many items: at most `most` on the average, and a whole number of pieces for
 * each of those who run them. There are fewer where sequences are fewer.
 * @param sequences not all empty
 */
export function cutSequences(sequences: readonly Int32Array[], most: number, runners = 1): Piece[] {
  const items = sequences.reduce((sum, { length }) => sum + length, 0);
  const pieces = runners * Math.max(1, Math.ceil(items / (most * runners)));
  const starts: number[] = [];
  let before = 0;
  let latest = -1;
  sequences.forEach(({ length }, i) => {
    const piece = Math.floor((pieces * (before + length / 2)) / items); // where its middle falls
    before += length;
    if (piece === latest) return;
    starts.push(i);
    latest = piece;
  });
  return starts.map((start, i) => ({ of: (list) => list.slice(start, starts[i + 1]) }));
}
