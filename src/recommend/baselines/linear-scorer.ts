import type { Sequences } from '../../data/interactions/interaction-splits.js';
import type { Scorer } from '../scorer.js';
import { checkSetting } from './baseline-setting.js';
import { historyWeights } from './history-weights.js';
import { fitPopularity } from './popularity.js';

/**
 * A user's score for an item is the sum of what his items say for it; without any it is popularity.
 * @param recency see historyWeights
 * @param add adds `weight` times what an item says of each to `out` [items]
 * @throws BASELINE_SETTING
 */
export function linearScorer(
  train: Sequences,
  items: number,
  recency: number,
  add: (item: number, weight: number, out: Float32Array) => void,
): Scorer {
  checkSetting('recency', recency, Number.MIN_VALUE, 1);
  const popularity = fitPopularity(train, items);
  return {
    scoreUser(history, out) {
      if (history.length === 0) return popularity.scoreUser(history, out);
      out.fill(0);
      for (const [item, weight] of historyWeights(history, recency)) add(item, weight, out);
    },
  };
}
