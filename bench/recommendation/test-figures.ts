import type { InteractionSplits } from '../../src/data/interactions/interaction-splits.js';
import { mean, metricPerUser, RANK_METRICS } from '../../src/evaluation/ranking/ranking-metrics.js';
import { rankHeldOut } from '../../src/recommend/rank-held-out.js';
import { sasRecScorer } from '../../src/recommend/sequential/sasrec.js';
import type { SasRec } from '../../src/recommend/sequential/sasrec-model.js';
import type { ProgramOptions } from '../../src/runtime/program.js';

/** How a network ranks the test part: full ranking, history removed. */
export async function testFigures(
  network: SasRec,
  splits: InteractionSplits,
  options: ProgramOptions = {},
): Promise<Readonly<Record<'ndcg@10' | 'recall@10', number>>> {
  const scorer = await sasRecScorer(network, options);
  const { targets } = await rankHeldOut(scorer.score, splits, { part: 'test' });
  await scorer.release();
  const figure = (metric: 'ndcg' | 'recall') =>
    Number(mean(metricPerUser(targets, RANK_METRICS[metric], 10)).toFixed(4));
  return { 'ndcg@10': figure('ndcg'), 'recall@10': figure('recall') };
}
