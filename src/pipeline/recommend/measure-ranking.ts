import { countCodes } from '../../data/interactions/interaction-data.js';
import type { InteractionSplits } from '../../data/interactions/interaction-splits.js';
import { evaluateRanking, type RankingReport } from '../../evaluation/ranking/ranking-report.js';
import { rankHeldOut } from '../../recommend/rank-held-out.js';
import type { BatchScorer } from '../../recommend/scorer.js';

/** What a recommender is judged on. */
export interface RankingTask {
  readonly splits: InteractionSplits;
  /** [I] 1 for the items that are ranked. */
  readonly candidates: Uint8Array;
  /** In words. */
  readonly protocol: string;
}

/** All figures of a held-out part. @throws EVALUATION_EMPTY */
export async function measureRanking(
  score: BatchScorer,
  { splits, candidates }: RankingTask,
  part: 'valid' | 'test',
  seed: number,
): Promise<RankingReport> {
  const { targets, lists } = await rankHeldOut(score, splits, { part, candidates });
  const { offsets, items } = splits.train;
  return evaluateRanking({
    targets,
    lists,
    itemCounts: countCodes(items, splits.items.length),
    userCounts: Int32Array.from(splits.users, (_, user) => offsets[user + 1]! - offsets[user]!),
    seed,
  });
}
