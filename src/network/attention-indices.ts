import { largest } from '../extremes.js';
import type { Feed } from '../runtime/program.js';
import { type AttentionShape, type BlockOrder, maskName, type Visibility } from './attention-shape.js';
import type { RowLayout } from './row-layout.js';

/** Added to the score of a pair of which one must not see the other. */
const HIDDEN = -1e9;

/** Sizes of one batch; the symbols of the network's shapes. */
export interface BatchSizes {
  /** All rows. */
  readonly N: number;
  /** Examples. */
  readonly B: number;
  /** Own rows of the longest example. */
  readonly T: number;
  /** Shared rows. */
  readonly L: number;
  /** End rows (rows whose output predicts a scored token) of the example with most of them. */
  readonly R: number;
}

export interface AttentionFeeds {
  readonly feeds: Readonly<Record<string, Feed>>;
  readonly sizes: BatchSizes;
  /** For each scored token of the layout, the place of its end row among the B·R of the last layer. */
  readonly scoredRows: readonly number[];
  /** [B·R] the row of the layout that each end row is; undefined for padding. */
  readonly ends: readonly (number | undefined)[];
  /** The end rows of each example, counted from its first row. */
  readonly endRows: readonly (readonly number[])[];
}

export interface AttentionFeedOptions {
  /** `line` asks that each example's own rows are a line, each the predecessor of the next, after the shared rows. */
  readonly visibility?: Visibility;
  /** The windows of the layers, each once; see `AttentionLayer.window`. */
  readonly windows?: readonly (number | undefined)[];
  /** Default: heads first. */
  readonly order?: BlockOrder;
  /** P: given keys in front of all rows. The layout's positions count them. */
  readonly given?: number;
}

/** What the masks depend on beside the layout. */
interface MaskNeeds {
  readonly sizes: BatchSizes;
  /** G: query heads that share a key head. */
  readonly group: number;
  /** P */
  readonly given: number;
  readonly window: number;
}

/**
 * The indices and masks with which a batch's packed rows go into attention and come back. Attention works on padded
 * blocks, heads in the order [key-value head, example, row, group]: grouped queries meet their key head without
 * repeating it, and all examples' queries meet the leading keys (given ones and those of shared rows) in one product a head.
 * The masks of a line are over leading and own rows together, and `maskOwn` is the same for all examples.
 */
export function attentionFeeds(
  layout: RowLayout,
  shape: AttentionShape,
  { visibility = 'tree', windows = [undefined], given = 0, order = 'heads' }: AttentionFeedOptions = {},
): AttentionFeeds {
  const { examples, sharedRows: L, scored } = layout;
  const endRows = examples.map((_, example) => [
    ...new Set(scored.filter((token) => token.example === example).map((token) => token.row)),
  ]);
  const sizes: BatchSizes = {
    N: layout.ids.length,
    B: examples.length,
    T: largest(examples.map(({ predecessors }) => predecessors.length)),
    L,
    R: largest(endRows.map((rows) => rows.length)),
  };
  const ends = Array.from({ length: sizes.B * sizes.R }, (_, i) => {
    const row = endRows[Math.floor(i / sizes.R)]![i % sizes.R];
    return row === undefined ? undefined : examples[Math.floor(i / sizes.R)]!.start + row;
  });
  const endInverse = new Array<number>(sizes.N).fill(-1);
  ends.forEach((row, place) => {
    if (row !== undefined) endInverse[row] = place;
  });
  /** Which own row of its example an end row is, its first where there is none. */
  const placeInLine = (row: number | undefined, i: number) =>
    row === undefined ? 0 : row - examples[Math.floor(i / sizes.R)]!.start;
  const ownRows = examples.map(({ predecessors }) => predecessors.map((_, row) => row));

  const feeds: Record<string, Feed> = {
    positions: int64(layout.positions),
    ...headIndices(layout, sizes, shape, order),
    endRows: int64(ends.map((row) => row ?? 0)),
    endInverse: int64(endInverse),
    endPositions: int64(ends.map((row) => (row === undefined ? 0 : layout.positions[row]!))),
  };
  for (const window of windows) {
    const needs: MaskNeeds = {
      sizes,
      group: shape.heads / shape.keyValueHeads,
      given,
      window: window ?? Number.POSITIVE_INFINITY,
    };
    const set = (mask: string, values: Float32Array) => {
      feeds[maskName(mask, window)] = values;
    };
    if (visibility === 'all') {
      const seen = wholeExamples(layout, needs);
      set('maskOwn', seen);
      set('maskEnd', seen);
    } else if (visibility === 'line') {
      set('maskOwn', lineMask(numbered(sizes.T), needs));
      set('maskEnd', lineMask(ends.map(placeInLine), needs));
    } else {
      set('maskOwn', visibilityMask(layout, ownRows, sizes.T, needs));
      set('maskEnd', visibilityMask(layout, endRows, sizes.R, needs));
    }
    if (L > 0) set('maskShared', sharedMask(needs));
    if (L + given > 0 && visibility !== 'line' && window !== undefined) {
      set('maskOwnToShared', windowMask(layout, ownRows, sizes.T, needs));
      set('maskEndToShared', windowMask(layout, endRows, sizes.R, needs));
    }
  }
  const scoredRows = scored.map(({ example, row }) => example * sizes.R + endRows[example]!.indexOf(row));
  return { feeds, sizes, scoredRows, ends, endRows };
}

/** Which head of which row stands where in the attention blocks, and the way back. */
function headIndices(
  layout: RowLayout,
  { N, B, T, L }: BatchSizes,
  shape: AttentionShape,
  order: BlockOrder,
): Record<string, Feed> {
  const { heads: H, keyValueHeads: KV } = shape;
  const G = H / KV;
  const rotated = H + KV;
  const queryOwn = new BigInt64Array(KV * B * T * G);
  const keyOwn = new BigInt64Array(KV * B * T);
  const valueOwn = new BigInt64Array(KV * B * T);
  const queryShared = new BigInt64Array(KV * L * G);
  const keyShared = new BigInt64Array(KV * L);
  const valueShared = new BigInt64Array(KV * L);
  const queryKeyInverse = new BigInt64Array(N * rotated);
  const valueInverse = new BigInt64Array(N * KV);
  const attended = new BigInt64Array(N * H);
  const attendedOwnInverse = new BigInt64Array(queryOwn.length).fill(-1n);
  const attendedSharedInverse = new BigInt64Array(queryShared.length);
  const sharedQueries = queryOwn.length + keyOwn.length;
  const sharedKeys = sharedQueries + queryShared.length;

  for (let kv = 0; kv < KV; kv++) {
    for (let l = 0; l < L; l++) {
      const key = kv * L + l;
      keyShared[key] = BigInt(l * rotated + H + kv);
      valueShared[key] = BigInt(l * KV + kv);
      queryKeyInverse[l * rotated + H + kv] = BigInt(sharedKeys + key);
      valueInverse[l * KV + kv] = BigInt(valueOwn.length + key);
      for (let g = 0; g < G; g++) {
        const query = key * G + g;
        const head = kv * G + g;
        queryShared[query] = BigInt(l * rotated + head);
        queryKeyInverse[l * rotated + head] = BigInt(sharedQueries + query);
        attended[l * H + head] = BigInt(queryOwn.length + query);
        attendedSharedInverse[query] = BigInt(l * H + head);
      }
    }
    layout.examples.forEach(({ start, predecessors }, b) => {
      for (let t = 0; t < predecessors.length; t++) {
        const n = start + t;
        const key = (order === 'heads' ? kv * B + b : b * KV + kv) * T + t;
        keyOwn[key] = BigInt(n * rotated + H + kv);
        valueOwn[key] = BigInt(n * KV + kv);
        queryKeyInverse[n * rotated + H + kv] = BigInt(queryOwn.length + key);
        valueInverse[n * KV + kv] = BigInt(key);
        for (let g = 0; g < G; g++) {
          const query = key * G + g;
          const head = kv * G + g;
          queryOwn[query] = BigInt(n * rotated + head);
          queryKeyInverse[n * rotated + head] = BigInt(query);
          attended[n * H + head] = BigInt(query);
          attendedOwnInverse[query] = BigInt(n * H + head);
        }
      }
    });
  }
  const own = { queryOwn, keyOwn, valueOwn, queryKeyInverse, valueInverse, attended, attendedOwnInverse };
  return L === 0 ? own : { ...own, queryShared, keyShared, valueShared, attendedSharedInverse };
}

/** [B, rows·G, T]: an own row sees itself and its line of predecessors, within the window. Padding repeats the example's first row. */
function visibilityMask(
  layout: RowLayout,
  rows: readonly (readonly number[])[],
  rowsMax: number,
  { sizes: { B, T }, group: G, window }: MaskNeeds,
): Float32Array {
  const mask = new Float32Array(B * rowsMax * G * T).fill(HIDDEN);
  layout.examples.forEach(({ start, predecessors }, b) => {
    for (let r = 0; r < rowsMax; r++) {
      const row = rows[b]![r] ?? 0;
      const position = layout.positions[start + row]!;
      for (let seen = row; seen >= 0; seen = predecessors[seen]!) {
        if (position - layout.positions[start + seen]! >= window) break;
        for (let g = 0; g < G; g++) mask[((b * rowsMax + r) * G + g) * T + seen] = 0;
      }
    }
  });
  return mask;
}

/** [B, 1, T]: each row sees all rows of its example. */
function wholeExamples({ examples }: RowLayout, { sizes: { B, T } }: MaskNeeds): Float32Array {
  const mask = new Float32Array(B * T).fill(HIDDEN);
  examples.forEach(({ predecessors }, b) => {
    mask.fill(0, b * T, b * T + predecessors.length);
  });
  return mask;
}

/** [B, rows·G, P+L]: which leading rows the window still shows. */
function windowMask(
  layout: RowLayout,
  rows: readonly (readonly number[])[],
  rowsMax: number,
  { sizes: { B, L }, group: G, given, window }: MaskNeeds,
): Float32Array {
  const width = given + L;
  const mask = new Float32Array(B * rowsMax * G * width);
  layout.examples.forEach(({ start }, b) => {
    for (let r = 0; r < rowsMax; r++) {
      const position = layout.positions[start + (rows[b]![r] ?? 0)]!;
      for (let seen = 0; seen <= Math.min(width - 1, position - window); seen++) {
        for (let g = 0; g < G; g++) mask[((b * rowsMax + r) * G + g) * width + seen] = HIDDEN;
      }
    }
  });
  return mask;
}

/** [L·G, P+L]: causal behind the given keys, within the window. */
function sharedMask({ sizes: { L }, group: G, given, window }: MaskNeeds): Float32Array {
  const width = given + L;
  const mask = new Float32Array(L * G * width);
  for (let row = 0; row < L; row++) {
    for (let seen = 0; seen < width; seen++) {
      const distance = given + row - seen;
      if (distance >= 0 && distance < window) continue;
      for (let g = 0; g < G; g++) mask[(row * G + g) * width + seen] = HIDDEN;
    }
  }
  return mask;
}

/**
 * [rows·G, P+L+T]: an own row of a line sees the leading rows and all up to itself, within the window.
 * @param rows which own row of its example each is
 */
function lineMask(rows: readonly number[], { sizes: { T, L }, group: G, given, window }: MaskNeeds): Float32Array {
  const before = given + L;
  const width = before + T;
  const mask = new Float32Array(rows.length * G * width);
  rows.forEach((row, r) => {
    for (let g = 0; g < G; g++) {
      const start = (r * G + g) * width;
      mask.fill(HIDDEN, start + before + row + 1, start + width);
      mask.fill(HIDDEN, start, start + Math.max(0, before + row + 1 - window));
    }
  });
  return mask;
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => i);

function int64(values: readonly number[] | Int32Array): BigInt64Array {
  return BigInt64Array.from(values, BigInt);
}
