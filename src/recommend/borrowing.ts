import { type InteractionSplits, itemsMet } from '../data/interactions/interaction-splits.js';
import { type PairedGain, pairedGain } from '../evaluation/paired-gain.js';
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

/** Items that are taken for such as nobody met, to see what borrowing does for them. */
const HIDDEN_SHARE = 0.1;
/** Users who are asked, at most. */
const MOST_USERS = 5000;

/**
 * What borrowed votes gain in NDCG@10 of validation if a tenth of the items were such as nobody met: their votes, and their
 * own vectors of the network, are left out, so that only their features tell of them. All users count, those too who see one
 * of these items where they should not.
 * @returns undefined where no item's features tell it from others, or nothing is mixed in
 */
export async function borrowingGain(
  { splits, candidates, validUsers }: RankingTask,
  { network, itemItem, likeness }: Recommender,
  features: ItemFeatures,
  { threads, seed }: { readonly threads: number | undefined; readonly seed: number },
): Promise<PairedGain | undefined> {
  if (itemItem === undefined) return undefined;
  const hidden = hideItems(splits, features, seed);
  if (hidden.length === 0) return undefined;
  const met = itemsMet(splits);
  for (const item of hidden) met[item] = 0;
  const without = ownVotes(itemItem.model, met);
  const borrowed = await withBorrowedVotes(without, features, met, { threads });
  const count = Math.min(validUsers.length, MOST_USERS);
  const users = Int32Array.from({ length: count }, (_, i) => validUsers[Math.floor((i * validUsers.length) / count)]!);
  const scorer = await sasRecScorer(asIfUnmet(network, hidden), { threads });
  try {
    const figures = async (model: ItemItemModel) => {
      const mixed = mixedScorer(scorer.score, itemItemScorer(model), itemItem.mixture);
      const liked = likeness ? await withLikeness(mixed, likeness, { threads }) : undefined;
      const asked = { part: 'valid', candidates, users, k: 0 } as const;
      const { targets } = await rankHeldOut(liked?.score ?? mixed, splits, asked);
      await liked?.release();
      return metricPerUser(targets, RANK_METRICS.ndcg, 10);
    };
    return pairedGain(await figures(borrowed), await figures(without));
  } finally {
    await scorer.release();
  }
}

/** Codes of a tenth of the items that were met and are described. */
function hideItems(splits: InteractionSplits, { vectors, width }: ItemFeatures, seed: number): number[] {
  const met = itemsMet(splits);
  const known = [...met.keys()].filter(
    (item) => met[item] === 1 && vectors.subarray(item * width, (item + 1) * width).some((x) => x !== 0),
  );
  return new Random(seed).sample(known.length, Math.floor(HIDDEN_SHARE * known.length)).map((place) => known[place]!);
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
