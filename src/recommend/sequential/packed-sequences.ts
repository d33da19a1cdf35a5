import type { Feed } from '../../autodiff/program.js';

/** Where the rows of several sequences stand, for a network over packed rows. */
export interface PackedSequences {
  readonly feeds: Readonly<Record<string, Feed>>;
  /** N rows in all, B sequences, T items of the longest. */
  readonly sizes: { readonly N: number; readonly B: number; readonly T: number };
}

/**
 * Packs B sequences into N rows, an item each, one sequence after the other, without padding. Attention alone needs blocks
 * [B, heads, T]; the indices name which head of which row stands where. The end of a shorter sequence's block repeats its
 * last row: a causal mask hides it from all rows that are read.
 * @param sequences items, the oldest first; none is empty, unless it has a user row
 * @param userRow whether a row of the user stands in front of each sequence's items, see `withUserRows`
 */
export function packSequences(sequences: readonly Int32Array[], heads: number, userRow = false): PackedSequences {
  const B = sequences.length;
  const before = userRow ? 1 : 0;
  const lengths = sequences.map(({ length }) => length + before);
  const T = lengths.reduce((longest, length) => Math.max(longest, length), 0);
  const N = lengths.reduce((sum, length) => sum + length, 0);
  const blocks = B * heads * T;
  const items = new BigInt64Array(N);
  const positions = new BigInt64Array(N);
  const lastRows = new BigInt64Array(B);
  // queries, keys and values lie side by side in a row of the projection: part p, head h of row n is 3·heads·n + p·heads + h
  const projected = [new BigInt64Array(blocks), new BigInt64Array(blocks), new BigInt64Array(blocks)];
  const projectedInverse = new BigInt64Array(3 * heads * N);
  const attended = new BigInt64Array(heads * N);
  const attendedInverse = new BigInt64Array(blocks).fill(-1n);
  const isItem = new Float32Array(N).fill(1);
  const userRows = new Float32Array(userRow ? N * B : 0);
  let first = 0;
  sequences.forEach((sequence, b) => {
    const length = lengths[b]!;
    if (userRow) {
      isItem[first] = 0;
      userRows[first * B + b] = 1;
    }
    for (let t = 0; t < T; t++) {
      const row = first + Math.min(t, length - 1);
      for (let h = 0; h < heads; h++) {
        const place = (b * heads + h) * T + t;
        for (let p = 0; p < 3; p++) {
          const source = (3 * row + p) * heads + h;
          projected[p]![place] = BigInt(source);
          if (t < length) projectedInverse[source] = BigInt(p * blocks + place);
        }
        if (t >= length) continue;
        attended[row * heads + h] = BigInt(place);
        attendedInverse[place] = BigInt(row * heads + h);
      }
      if (t >= length) continue;
      const place = Math.max(t - before, 0); // a user has the first item's position
      items[row] = BigInt(t < before ? 0 : sequence[place]!);
      positions[row] = BigInt(place);
    }
    first += length;
    lastRows[b] = BigInt(first - 1);
  });
  const causalMask = new Float32Array(T * T);
  for (let t = 0; t < T; t++) causalMask.fill(-1e9, t * T + t + 1, (t + 1) * T);
  const [queries, keys, values] = projected as [BigInt64Array, BigInt64Array, BigInt64Array];
  return {
    feeds: {
      items,
      positions,
      lastRows,
      queries,
      keys,
      values,
      projectedInverse,
      attended,
      attendedInverse,
      causalMask,
      ...(userRow && { isItem, userRows }),
    },
    sizes: { N, B, T },
  };
}

/**
 * Each item but the last of a window is a row, the item after it the row's target; see `sasRecLoss`. A user row's target
 * is the first item.
 */
export function packTraining(windows: readonly Int32Array[], heads: number, userRow = false): PackedSequences {
  const { feeds, sizes } = packSequences(
    windows.map((window) => window.subarray(0, -1)),
    heads,
    userRow,
  );
  const targets = new BigInt64Array(sizes.N);
  let row = 0;
  for (const window of windows) for (const item of window.subarray(userRow ? 0 : 1)) targets[row++] = BigInt(item);
  return { feeds: { ...feeds, targets, rowShare: Float32Array.of(1 / sizes.N) }, sizes };
}
