import { type InteractionSplits, sequenceOf } from '../data/interactions/interaction-splits.js';
import type { TopLists } from '../evaluation/ranking/list-metrics.js';
import { hideItems, rankOf, type TargetRanks } from '../evaluation/ranking/target-ranks.js';
import { topItems } from '../evaluation/ranking/top-items.js';
import { concatenate } from './concatenate.js';
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
  /** Users scored at once. Default: see rowsAtOnce. */
  readonly batchSize?: number | undefined;
}

/** Ranks the whole catalogue for users of a held-out part: where his items came, and what he would be shown. */
export async function rankHeldOut(
  score: BatchScorer,
  splits: InteractionSplits,
  options: HeldOutOptions,
): Promise<{ targets: TargetRanks; lists: TopLists }> {
  const { part, seen = 'hidden', k = 10 } = options;
  const items = splits.items.length;
  const batchSize = options.batchSize ?? rowsAtOnce(items);
  const excluded = options.candidates && Int32Array.from(splits.items.keys()).filter((i) => !options.candidates![i]);
  const cases = heldOutCases(splits, part, options);
  const ranks: number[] = [];
  const lists: Int32Array[] = [];
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
  };
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
