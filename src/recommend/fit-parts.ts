import type { FitHooks } from './fit-events.js';
import type { FitPlan } from './fit-options.js';
import { networkPart } from './kept-training.js';
import type { RankingTask } from './measure-ranking.js';
import { keptBaselines, measureNetworkBaseline } from './network-baselines.js';
import { type Known, networkParts, trainPart } from './train-networks.js';

/**
 * Has the networks of a fit and of its baselines trained elsewhere, where that was asked for.
 * @returns whether nothing is left to do here: the one part that was asked for ended by an interruption
 */
export async function fitParts(task: RankingTask, known: Known, options: FitPlan, hooks: FitHooks): Promise<boolean> {
  const { parts } = hooks;
  if (parts === undefined) return false;
  const baselines = keptBaselines(options, known.reader !== undefined);
  if (parts.only === undefined) {
    const names = new Set([...networkParts(known, options), ...baselines.keys()]);
    await parts.gather([...names].map(networkPart));
    return false;
  }
  const { reader } = known;
  await trainPart(task, known, options, hooks);
  const baseline = baselines.get(parts.only);
  const measure = { seed: options.seed };
  if (baseline !== undefined) await measureNetworkBaseline(baseline, { task, options, measure, reader }, hooks);
  return true;
}
