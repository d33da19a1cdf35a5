import * as op from '../autodiff/build.js';
import { multiplySizes, type Size } from '../autodiff/size.js';
import type { Tensor } from '../autodiff/tensor.js';
import type { Feed } from '../runtime/program.js';
import type { AttentionLayer } from './attention.js';
import type { BatchSizes } from './attention-indices.js';
import type { BlockOrder } from './attention-shape.js';
import type { NetworkGraph } from './network-graph.js';
import type { RowLayout } from './row-layout.js';

export interface BucketOptions {
  readonly buckets: number;
  /** Distances from here on share a bucket. */
  readonly longest: number;
  /** Whether rows see both sides: half of the buckets are then for what stands behind. */
  readonly bothSides: boolean;
}

/**
 * The bucket of a key that stands `distance` positions behind the query, negative in front (Raffel et al. 2020, section 2.1;
 * `_relative_position_bucket` of transformers): near distances have their own, far ones share, by their logarithm.
 */
export function relativeBucket(distance: number, { buckets: all, longest, bothSides }: BucketOptions): number {
  const buckets = bothSides ? Math.floor(all / 2) : all;
  const first = bothSides && distance > 0 ? buckets : 0;
  const away = bothSides ? Math.abs(distance) : Math.max(0, -distance);
  const exact = Math.floor(buckets / 2);
  if (away < exact) return first + away;
  // in single precision, as the reference computes it
  const { fround } = Math;
  const share = fround(fround(Math.log(fround(away / exact))) / Math.log(longest / exact));
  return first + Math.min(buckets - 1, exact + Math.trunc(fround(share * (buckets - exact))));
}

/** The buckets of each own row by each own row of its example [B·T·T], and of the end rows [B·R·T]. */
export function relativeFeeds(
  { examples, positions }: RowLayout,
  { B, T, R }: BatchSizes,
  endRows: readonly (readonly number[])[],
  options: BucketOptions,
): Record<'relativeOwn' | 'relativeEnd', Feed> {
  const own = new BigInt64Array(B * T * T);
  const end = new BigInt64Array(B * R * T);
  examples.forEach(({ start, predecessors }, b) => {
    const bucket = (query: number, key: number) =>
      BigInt(relativeBucket(positions[start + key]! - positions[start + query]!, options));
    for (let key = 0; key < predecessors.length; key++) {
      for (let query = 0; query < predecessors.length; query++) own[(b * T + query) * T + key] = bucket(query, key);
      for (let r = 0; r < R; r++) end[(b * R + r) * T + key] = bucket(endRows[b]![r] ?? 0, key);
    }
  });
  return { relativeOwn: own, relativeEnd: end };
}

/** The buckets of the rows that B streams add, R each: by each other [R·R], and by the P places of what they have [B·R·P]. */
export function relativeStepFeeds(
  lengths: readonly number[],
  rows: number,
  past: number,
  options: BucketOptions,
): Record<'relativeOwn' | 'relativePast', Feed> {
  const own = new BigInt64Array(rows * rows);
  for (let r = 0; r < rows; r++) {
    for (let key = 0; key < rows; key++) own[r * rows + key] = BigInt(relativeBucket(key - r, options));
  }
  const before = new BigInt64Array(lengths.length * rows * past);
  lengths.forEach((length, b) => {
    for (let r = 0; r < rows; r++) {
      const start = (b * rows + r) * past;
      for (let key = 0; key < length; key++) {
        before[start + key] = BigInt(relativeBucket(key - length - r, options));
      }
    }
  });
  return { relativeOwn: own, relativePast: before };
}

/** The bias that a table [buckets, H] gives to scores, once for all layers. */
export function relativeBias(table: string, graph: NetworkGraph): NonNullable<AttentionLayer['bias']> {
  const { feed, weights, config } = graph;
  const looked = (name: string, [B, queries, keys]: readonly [Size, Size, Size], order: BlockOrder): Tensor => {
    const values = op.gather(weights.get(table), feed(name, [multiplySizes(B, queries, keys)], 'int64')); // [B·queries·keys, H]
    if (order === 'heads') return op.reshape(op.transpose(values, [1, 0]), [config.heads, B, queries, keys]);
    const byBlock = op.reshape(values, [B, multiplySizes(queries, keys), config.heads]);
    return op.reshape(op.transpose(byBlock, [0, 2, 1]), [B, config.heads, queries, keys]);
  };
  return (rows, sizes, order) => graph.once(`${table} ${rows}`, () => looked(`relative${rows}`, sizes, order));
}
