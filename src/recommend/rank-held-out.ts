import { concatenate } from '../concatenate.js';
import { type InteractionSplits, sequenceOf } from '../data/interactions/interaction-splits.js';
import type { TopLists } from '../evaluation/ranking/list-metrics.js';
import { hideItems, rankOf, type TargetRanks } from '../evaluation/ranking/target-ranks.js';
import { topItems } from '../evaluation/ranking/top-items.js';
import { type BatchScorer, rowsAtOnce } from './scorer.js';

export interface HeldOutOptions {
  /** `valid` is predicted from the training history, `test` from that and validation. */
  readonly part: 'valid' | 'test';
  /** Codes of the users who are asked, ascending, see `sampleHeldOut`. Default: all. */
  readonly users?: Int32Array | undefined;
  /** Whether a user's history stays in the ranking. Default: hidden. */
  readonly seen?: 'hidden' | 'ranked' | undefined;
  /** [items] 1 for the items that are to be found, such as unseen ones. Default: all. */
  readonly relevant?: Uint8Array | undefined;
  /** [items] 1 for the items that are ranked. Default: all. */
  readonly candidates?: Uint8Array | undefined;
  /** Length of the lists; 0 for none. Default: 10. */
  readonly k?: number | undefined;
  /** Length of the longer lists with scores, see `RankedLists`. Default: none are made. */
  readonly runDepth?: number | undefined;
  /** Users scored at once. Default: see rowsAtOnce. */
  readonly batchSize?: number | undefined;
}

/**
 * Longer lists with their scores, [users, k] each; a list that has fewer items ends with −1. Of equal scores the items
 * that are to be found come last, as ties count against the model.
 */
export interface RankedLists {
  readonly k: number;
  readonly items: Int32Array;
  readonly scores: Float32Array;
}

/** Ranks the whole catalogue for users of a held-out part: where his items came, and what he would be shown. */
export async function rankHeldOut(
  score: BatchScorer,
  splits: InteractionSplits,
  options: HeldOutOptions,
): Promise<{ targets: TargetRanks; lists: TopLists; run: RankedLists | undefined }> {
  const { part, seen = 'hidden', k = 10, runDepth } = options;
  const items = splits.items.length;
  const batchSize = options.batchSize ?? rowsAtOnce(items);
  const excluded = options.candidates && Int32Array.from(splits.items.keys()).filter((i) => !options.candidates![i]);
  const cases = heldOutCases(splits, part, options);
  const ranks: number[] = [];
  const lists: Int32Array[] = [];
  const runs: { readonly items: Int32Array; readonly scores: Float32Array }[] = [];
  for (let start = 0; start < cases.length; start += batchSize) {
    const batch = cases.slice(start, start + batchSize);
    const histories = batch.map(({ user }) => historyBefore(splits, part, user));
    const scores = await score(
      Int32Array.from(batch, ({ user }) => user),
      histories,
    );
    for (const [i, { relevant }] of batch.entries()) {
      const own = scores.subarray(i * items, (i + 1) * items);
      if (excluded) hideItems(own, excluded, relevant);
      if (seen === 'hidden') hideItems(own, histories[i]!, relevant);
      for (const item of relevant) ranks.push(rankOf(own, item));
      if (k > 0) lists.push(topItems(own, k));
      if (runDepth !== undefined) runs.push(scoredList(own, relevant, runDepth));
    }
  }
  const offsets = new Int32Array(cases.length + 1);
  for (const [u, { relevant }] of cases.entries()) offsets[u + 1] = offsets[u]! + relevant.length;
  return {
    targets: {
      users: Int32Array.from(cases, ({ user }) => user),
      offsets,
      items: concatenate(
        cases.map(({ relevant }) => relevant),
        Int32Array,
      ),
      ranks: Int32Array.from(ranks),
    },
    lists: { items: concatenate(lists, Int32Array), k },
    run:
      runDepth === undefined
        ? undefined
        : {
            k: runDepth,
            items: concatenate(
              runs.map(({ items }) => items),
              Int32Array,
            ),
            scores: concatenate(
              runs.map(({ scores }) => scores),
              Float32Array,
            ),
          },
  };
}

function scoredList(scores: Float32Array, relevant: Int32Array, k: number) {
  const sought = new Set(relevant);
  const rank = (item: number) => (sought.has(item) ? 1 : 0);
  const among = topItems(scores, Math.min(scores.length, k + relevant.length)).filter((item) => item !== -1);
  // one that is to be found gives way to all others of its score, however many they are
  const ordered = [...among].filter((item) => !sought.has(item) || rankOf(scores, item) <= k);
  ordered.sort((a, b) => scores[b]! - scores[a]! || rank(a) - rank(b) || a - b);
  const items = new Int32Array(k).fill(-1);
  items.set(ordered.slice(0, k));
  return { items, scores: Float32Array.from(items, (item) => (item === -1 ? 0 : scores[item]!)) };
}

/** What is known of a user when a held-out part begins. */
export function historyBefore(splits: InteractionSplits, part: 'valid' | 'test', user: number): Int32Array {
  const train = sequenceOf(splits.train, user);
  return part === 'valid' ? train : concatenate([train, sequenceOf(splits.valid, user)], Int32Array);
}

function heldOutCases(
  splits: InteractionSplits,
  part: 'valid' | 'test',
  { relevant: wanted, users }: Pick<HeldOutOptions, 'relevant' | 'users'>,
): { user: number; relevant: Int32Array }[] {
  const cases = [];
  for (const user of users ?? splits.users.keys()) {
    const distinct = new Set(sequenceOf(splits[part], user));
    const relevant = Int32Array.from(distinct).filter((item) => wanted === undefined || wanted[item] === 1);
    if (relevant.length > 0) cases.push({ user, relevant });
  }
  return cases;
}
