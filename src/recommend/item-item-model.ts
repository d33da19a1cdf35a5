import { historyWeights } from './baselines/history-weights.js';
import type { TunedBaseline } from './baselines/tune-baseline.js';
import type { Scorer } from './scorer.js';

/** A linear item-item model, small enough to be kept: for each item what it says about others, in compressed form. */
export interface ItemItemModel {
  /** [items + 1] */
  readonly offsets: Int32Array;
  readonly targets: Int32Array;
  readonly weights: Float32Array;
  /** See historyWeights. */
  readonly recency: number;
}

/** Entries kept an item, the largest. */
const KEPT = 400;

/** Reads a fitted item-item baseline (item neighbours, EASE) out row by row: a history of one item shows its weights. */
export function itemItemModel({ scorer, settings }: TunedBaseline, items: number, kept = KEPT): ItemItemModel {
  const offsets = new Int32Array(items + 1);
  const targets: Int32Array[] = [];
  const weights: Float32Array[] = [];
  const row = new Float32Array(items);
  for (let item = 0; item < items; item++) {
    scorer.scoreUser(Int32Array.of(item), row);
    const largest = Int32Array.from(row.keys())
      .filter((target) => row[target] !== 0)
      .sort((a, b) => Math.abs(row[b]!) - Math.abs(row[a]!) || a - b)
      .slice(0, kept);
    offsets[item + 1] = offsets[item]! + largest.length;
    targets.push(largest);
    weights.push(Float32Array.from(largest, (target) => row[target]!));
  }
  const all = { targets: new Int32Array(offsets[items]!), weights: new Float32Array(offsets[items]!) };
  targets.forEach((list, item) => {
    all.targets.set(list, offsets[item]!);
    all.weights.set(weights[item]!, offsets[item]!);
  });
  return { offsets, ...all, recency: settings.recency ?? 1 };
}

/** A user's score for an item is the sum of the weights from his items to it: 0 where they say nothing. */
export function itemItemScorer({ offsets, targets, weights, recency }: ItemItemModel): Scorer {
  return {
    scoreUser(history, out) {
      out.fill(0);
      for (const [item, share] of historyWeights(history, recency)) {
        for (let at = offsets[item]!; at < offsets[item + 1]!; at++) out[targets[at]!]! += share * weights[at]!;
      }
    },
  };
}
