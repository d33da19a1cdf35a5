import { readOrListedIds } from '../data/interactions/read-ids.js';
import type { BatchHooks } from '../data/writing/batch-table.js';
import { readFreshHistories } from '../recommend/fresh-history.js';
import { type BatchResult, recommendBatch } from '../recommend/recommend-batch.js';
import type { OpenRecommender } from '../recommend/recommender-handle.js';
import { RECOMMEND_BATCH } from '../recommend/use-options.js';
import type { SharedFlags } from './flags.js';
import type { NewItemsFlags } from './open-with-flags.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { openSearch, type SearchFlag, type SelectionFlags, selectionOptions } from './selection-flags.js';
import { tableOptions } from './table-flags.js';

export type RecommendBatchFlags = Flags & SharedFlags & SelectionFlags & SearchFlag & NewItemsFlags;

/** The lists that flags ask for. */
export async function recommendFlags(
  open: OpenRecommender,
  flags: RecommendBatchFlags,
  hooks: BatchHooks,
): Promise<BatchResult> {
  const { out, onlyUsers, skipUnknown, interactions, overwrite, shard, shards } = optionsFrom(RECOMMEND_BATCH, flags);
  const table = tableOptions(flags);
  const approximate = await openSearch(open, flags, hooks.onNote ?? (() => {}));
  try {
    const options = {
      ...(await selectionOptions(flags)),
      out,
      onlyUsers: onlyUsers === undefined ? undefined : await readOrListedIds(onlyUsers, 'user', table),
      ...{ skipUnknown, overwrite, shard, shards, approximate },
      fresh: interactions === undefined ? undefined : await readFreshHistories(interactions, table),
    };
    return await recommendBatch(open, options, hooks);
  } finally {
    await approximate?.close();
  }
}
