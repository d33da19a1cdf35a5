import type { TargetRanks } from './target-ranks.js';

/**
 * A figure of one user: from the ranks of his relevant items, ascending, and a cut-off. R is their number; an item
 * counts where its rank is at most k.
 */
export type RankMetric = (ranks: Int32Array, k: number) => number;

/** Found items / R. */
const recall: RankMetric = (ranks, k) => foundWithin(ranks, k) / ranks.length;

/** 1 where anything is found. */
const hit: RankMetric = (ranks, k) => (ranks[0]! <= k ? 1 : 0);

/** Σ_found 1/log2(rank + 1), divided by the same sum for ranks 1 … min(k, R). */
export const ndcg: RankMetric = (ranks, k) => {
  let gain = 0;
  let ideal = 0;
  for (let i = 0; i < ranks.length; i++) {
    if (ranks[i]! <= k) gain += 1 / Math.log2(ranks[i]! + 1);
    if (i < k) ideal += 1 / Math.log2(i + 2);
  }
  return gain / ideal;
};

/** 1 / rank of the best, where it is found. */
const mrr: RankMetric = (ranks, k) => (ranks[0]! <= k ? 1 / ranks[0]! : 0);

/** Σ_found (items found up to that rank / rank), divided by min(k, R). */
const map: RankMetric = (ranks, k) => {
  let precisions = 0;
  for (const rank of ranks) if (rank <= k) precisions += foundWithin(ranks, rank) / rank;
  return precisions / Math.min(k, ranks.length);
};

export const RANK_METRICS = { recall, hit, ndcg, mrr, map } as const satisfies Record<string, RankMetric>;
export type RankMetricName = keyof typeof RANK_METRICS;

/** The figure of every user, [U]. */
export function metricPerUser({ offsets, ranks }: TargetRanks, metric: RankMetric, k: number): Float64Array {
  return Float64Array.from({ length: offsets.length - 1 }, (_, u) =>
    metric(ranks.slice(offsets[u]!, offsets[u + 1]!).sort(), k),
  );
}

export function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function foundWithin(ranks: Int32Array, k: number): number {
  let found = 0;
  for (const rank of ranks) if (rank <= k) found += 1;
  return found;
}
