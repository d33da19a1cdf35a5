import { countCodes } from '../data/interactions/interaction-data.js';
import type { InteractionSplits } from '../data/interactions/interaction-splits.js';
import { evaluateRanking, type RankingReport } from '../evaluation/ranking/ranking-report.js';
import type { TargetRanks } from '../evaluation/ranking/target-ranks.js';
import { type RankedLists, rankHeldOut } from './rank-held-out.js';
import type { BatchScorer } from './scorer.js';

/** What a recommender is judged on. */
export interface RankingTask {
  readonly splits: InteractionSplits;
  /** [I] 1 for the items that are ranked. */
  readonly candidates: Uint8Array;
  /** Codes of the users who validate and who are tested. */
  readonly validUsers: Int32Array;
  readonly testUsers: Int32Array;
  /** In words. */
  readonly protocol: string;
}

/** How a recommender ranked a held-out part. */
export interface MeasuredRanking {
  readonly report: RankingReport;
  /** For paired tests. */
  readonly targets: TargetRanks;
  /** Where longer lists were asked for. */
  readonly run?: RankedLists | undefined;
}

export interface MeasureOptions {
  readonly part: 'valid' | 'test';
  /** Of the bootstrap. */
  readonly seed: number;
  /** Whether a user's history stays in the ranking. Default: hidden. */
  readonly seen?: 'hidden' | 'ranked' | undefined;
  /** Of two items, for the diversity of lists. */
  readonly distance?: ((a: number, b: number) => number) | undefined;
  /** See `HeldOutOptions`. */
  readonly runDepth?: number | undefined;
}

/** Ranks a held-out part and measures it. @throws EVALUATION_EMPTY */
export async function rankAndMeasure(
  score: BatchScorer,
  { splits, candidates, validUsers, testUsers }: RankingTask,
  { part, seed, seen, distance, runDepth }: MeasureOptions,
): Promise<MeasuredRanking> {
  const users = part === 'valid' ? validUsers : testUsers;
  const { targets, lists, run } = await rankHeldOut(score, splits, { part, candidates, users, seen, runDepth });
  const { offsets, items } = splits.train;
  const report = evaluateRanking({
    targets,
    lists,
    itemCounts: countCodes(items, splits.items.length),
    userCounts: Int32Array.from(splits.users, (_, user) => offsets[user + 1]! - offsets[user]!),
    distance,
    seed,
  });
  return { report, targets, run };
}

/** All figures of a held-out part. @throws EVALUATION_EMPTY */
export async function measureRanking(
  score: BatchScorer,
  task: RankingTask,
  part: 'valid' | 'test',
  seed: number,
): Promise<RankingReport> {
  return (await rankAndMeasure(score, task, { part, seed })).report;
}
