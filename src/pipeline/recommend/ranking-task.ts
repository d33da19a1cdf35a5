import { withUnseenIds } from '../../data/interactions/attribute-table.js';
import type { RecommendOptions } from './fit-options.js';
import type { RankingTask } from './measure-ranking.js';
import type { RecommendData } from './recommend-data.js';

/** Adds the items that only the table knows: they are no candidates of the evaluation, but can be recommended. */
export function rankingTask(data: RecommendData, options: RecommendOptions): RankingTask {
  const known = data.splits.items.length;
  const items =
    data.items && options.model !== undefined ? withUnseenIds(data.splits.items, data.items) : data.splits.items;
  const candidates = Uint8Array.from(items, (_, item) => (item < known ? 1 : 0));
  const protocol = `${data.splits.protocol}; every item of the interactions is ranked, a user's history left out, ties count as misses`;
  return { splits: { ...data.splits, items }, candidates, protocol };
}
