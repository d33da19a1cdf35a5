import { GrowingColumn } from '../data/interactions/growing-column.js';
import type { BaselineName } from './baselines/baseline-names.js';
import { historyWeights } from './baselines/history-weights.js';
import type { FittedBaseline } from './baselines/tune-baseline.js';
import type { ItemItemRow, Scorer } from './scorer.js';

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
export const KEPT_VOTES = 400;

/**
 * Reads a fitted item-item baseline (item neighbours, EASE) out row by row: where it does not tell what an item says, a
 * history of that item alone shows it.
 */
export function itemItemModel(
  { scorer, settings }: FittedBaseline<BaselineName>,
  items: number,
  kept = KEPT_VOTES,
): ItemItemModel {
  const row = new Float32Array(items);
  const everything = Int32Array.from(row.keys());
  return packRows(items, settings.recency ?? 1, (item) => {
    if (!scorer.votesOf) scorer.scoreUser(Int32Array.of(item), row);
    const said = scorer.votesOf?.(item) ?? { targets: everything, weights: row };
    const places = largestPlaces(said.weights, kept);
    return {
      targets: Int32Array.from(places, (place) => said.targets[place]!),
      weights: Float32Array.from(places, (place) => said.weights[place]!),
    };
  });
}

/** The model of all items' rows, item after item. */
export function packRows(items: number, recency: number, rowOf: (item: number) => ItemItemRow): ItemItemModel {
  const offsets = new Int32Array(items + 1);
  const allTargets = new GrowingColumn((length) => new Int32Array(length));
  const allWeights = new GrowingColumn((length) => new Float32Array(length));
  for (let item = 0; item < items; item++) {
    const { targets, weights } = rowOf(item);
    for (const target of targets) allTargets.push(target);
    for (const weight of weights) allWeights.push(weight);
    offsets[item + 1] = offsets[item]! + targets.length;
  }
  return { offsets, targets: allTargets.take(), weights: allWeights.take(), recency };
}

/** The places of at most `count` numbers other than 0 that are largest without their sign; of equal ones the first. */
function largestPlaces(values: Float32Array, count: number): number[] {
  const sizes = values.map(Math.abs).sort();
  const least = sizes[Math.max(0, sizes.length - count)] ?? 0;
  const places: number[] = [];
  for (let i = 0; i < values.length; i++) if (values[i] !== 0 && Math.abs(values[i]!) >= least) places.push(i);
  return places.sort((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!) || a - b).slice(0, count);
}

/** A user's score for an item is the sum of the weights from his items to it: 0 where they say nothing. */
export function itemItemScorer(model: ItemItemModel): Scorer {
  return {
    scoreUser(history, out) {
      out.fill(0);
      addVotes(model, history, out);
    },
  };
}

/** Adds the scores of a history to `out` [items]. */
export function addVotes(model: ItemItemModel, history: Int32Array, out: Float32Array): void {
  const { offsets, targets, weights, recency } = model;
  for (const [item, share] of historyWeights(history, recency)) {
    for (let at = offsets[item]!; at < offsets[item + 1]!; at++) out[targets[at]!]! += share * weights[at]!;
  }
}

/** The items that those of a history say something about. */
export function targetsOf({ offsets, targets }: ItemItemModel, history: Int32Array): Set<number> {
  const found = new Set<number>();
  for (const item of new Set(history)) {
    for (const target of targets.subarray(offsets[item]!, offsets[item + 1]!)) found.add(target);
  }
  return found;
}
