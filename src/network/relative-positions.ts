import * as op from '../autodiff/build.js';
import { multiplySizes, type Size } from '../autodiff/size.js';
import type { Tensor } from '../autodiff/tensor.js';
import type { Feed } from '../runtime/program.js';
import type { AttentionLayer } from './attention.js';
import type { BatchSizes } from './attention-indices.js';
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

/** The bias that a table [buckets, H] gives to all rows' scores [H, B, T, T], and to the end rows' [H, B, R, T]. */
export function relativeBias(table: string, graph: NetworkGraph): NonNullable<AttentionLayer['bias']> {
  const { feed, weights, config, endRows } = graph;
  const T = graph.rows.own ?? 'T';
  const looked = (name: string, rows: Size): Tensor => {
    const count = multiplySizes('B', rows, T);
    const values = op.gather(weights.get(table), feed(name, [count], 'int64')); // [B·rows·T, H]
    return op.reshape(op.transpose(values, [1, 0]), [config.heads, 'B', rows, T]);
  };
  return {
    own: () => graph.once(`${table} of all rows`, () => looked('relativeOwn', T)),
    end: () => graph.once(`${table} of end rows`, () => looked('relativeEnd', endRows)),
  };
}
