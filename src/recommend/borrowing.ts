import { type InteractionSplits, itemsMet, type Sequences } from '../data/interactions/interaction-splits.js';
import { isWorthKeeping, type PairedGain, pairedGain } from '../evaluation/paired-gain.js';
import { metricPerUser, RANK_METRICS } from '../evaluation/ranking/ranking-metrics.js';
import { Random } from '../random.js';
import { ownVotes, withBorrowedVotes } from './borrowed-votes.js';
import { type ItemItemModel, itemItemScorer } from './item-item-model.js';
import { withLikeness } from './likeness.js';
import type { RankingTask } from './measure-ranking.js';
import { mixedScorer } from './mixture.js';
import { rankHeldOut } from './rank-held-out.js';
import type { Recommender } from './recommender.js';
import { sasRecScorer } from './sequential/sasrec.js';
import type { SasRec } from './sequential/sasrec-model.js';
import { ITEM_TABLE } from './sequential/sasrec-network.js';
import type { ItemFeatures } from './sequential/sasrec-options.js';
import { withTrend } from './trend.js';

/** Items that are taken for such as nobody met, to see what borrowing does for them. */
const HIDDEN_SHARE = 0.1;
/** Users who are asked, at most. */
const MOST_USERS = 5000;

/** What a way to speak for items that nobody met gains. */
export interface UnmetGains {
  /** Borrowed votes, beside none. */
  readonly borrowed: PairedGain;
  /** What their words say, beside borrowed votes where these are worth keeping. */
  readonly words: PairedGain | undefined;
}

interface BorrowingOptions {
  readonly threads: number | undefined;
  readonly seed: number;
  /** The item-item model fitted to other interactions, where it tells items by their words too. */
  readonly refit?: ((train: Sequences) => Promise<ItemItemModel>) | undefined;
}

/**
 * What votes for items that nobody met gain in NDCG@10 of validation if a tenth of the items were such: their votes, and their
 * own vectors of the network, are left out, so that only their features tell of them. All users count, those too who see one
 * of these items where they should not.
 * @returns undefined where no item's features tell it from others, or nothing is mixed in
 */
export async function borrowingGains(
  { splits, candidates, validUsers }: RankingTask,
  { network, itemItem, likeness, trend }: Recommender,
  features: ItemFeatures,
  { threads, seed, refit }: BorrowingOptions,
): Promise<UnmetGains | undefined> {
  if (itemItem === undefined) return undefined;
  const hidden = hideItems(splits, features, seed);
  if (hidden.length === 0) return undefined;
  const met = itemsMet(splits);
  for (const item of hidden) met[item] = 0;
  const spoken = refit ? await refit(onlyItems(splits.train, met)) : itemItem.model;
  const without = ownVotes(spoken, met);
  const borrowed = await withBorrowedVotes(without, features, met, { threads });
  const count = Math.min(validUsers.length, MOST_USERS);
  const users = Int32Array.from({ length: count }, (_, i) => validUsers[Math.floor((i * validUsers.length) / count)]!);
  const scorer = await sasRecScorer(asIfUnmet(network, hidden), { threads });
  try {
    const figures = async (model: ItemItemModel) => {
      const voted = mixedScorer(scorer.score, itemItemScorer(model), itemItem.mixture);
      const mixed = trend ? withTrend(voted, { ...trend, counts: withoutItems(trend.counts, hidden) }) : voted;
      const liked = likeness ? await withLikeness(mixed, likeness, { threads }) : undefined;
      const asked = { part: 'valid', candidates, users, k: 0 } as const;
      const { targets } = await rankHeldOut(liked?.score ?? mixed, splits, asked);
      await liked?.release();
      return metricPerUser(targets, RANK_METRICS.ndcg, 10);
    };
    const [ofBorrowed, ofNone] = [await figures(borrowed), await figures(without)];
    const gain = pairedGain(ofBorrowed, ofNone);
    if (!refit) return { borrowed: gain, words: undefined };
    const borrows = isWorthKeeping(gain);
    const told = await figures(borrows ? await withBorrowedVotes(spoken, features, met, { threads }) : spoken);
    return { borrowed: gain, words: pairedGain(told, borrows ? ofBorrowed : ofNone) };
  } finally {
    await scorer.release();
  }
}

/** The rows of some items, in each user's order. */
function onlyItems(train: Sequences, kept: Uint8Array): Sequences {
  const rows = [...train.items.keys()].filter((row) => kept[train.items[row]!] === 1);
  const before = new Int32Array(train.items.length + 1);
  train.items.forEach((item, row) => {
    before[row + 1] = before[row]! + kept[item]!;
  });
  return {
    offsets: train.offsets.map((offset) => before[offset]!),
    items: Int32Array.from(rows, (row) => train.items[row]!),
    times: train.times && Float64Array.from(rows, (row) => train.times![row]!),
    ratings: train.ratings && Float32Array.from(rows, (row) => train.ratings![row]!),
  };
}

/** Codes of a tenth of the items that were met and are described. */
function hideItems(splits: InteractionSplits, { vectors, width }: ItemFeatures, seed: number): number[] {
  const met = itemsMet(splits);
  const known = [...met.keys()].filter(
    (item) => met[item] === 1 && vectors.subarray(item * width, (item + 1) * width).some((x) => x !== 0),
  );
  return new Random(seed).sample(known.length, Math.floor(HIDDEN_SHARE * known.length)).map((place) => known[place]!);
}

/** [I] counts as if some items had not been met. */
function withoutItems(counts: Float32Array, items: readonly number[]): Float32Array {
  const others = counts.slice();
  for (const item of items) others[item] = 0;
  return others;
}

/** The network without what it learned of some items alone. */
function asIfUnmet(network: SasRec, items: readonly number[]): SasRec {
  const { width } = network.shape;
  const own = network.weights[ITEM_TABLE];
  if (own === undefined) return network;
  const table = own.slice();
  for (const item of items) table.fill(0, item * width, (item + 1) * width);
  return { ...network, weights: { ...network.weights, [ITEM_TABLE]: table } };
}
