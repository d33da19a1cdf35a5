import { readOrListedIds } from '../data/interactions/read-ids.js';
import { readFreshHistories } from '../recommend/fresh-history.js';
import { type BatchResult, recommendBatch } from '../recommend/recommend-batch.js';
import { RECOMMEND_BATCH } from '../recommend/use-options.js';
import type { SharedFlags } from './flags.js';
import { withEncoding } from './inferred-flags.js';
import { type NewItemsFlags, openWithFlags } from './open-with-flags.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { createOutput, formatSeconds } from './output.js';
import { type BatchEvent, runJob } from './run-job.js';
import { openSearch, type SearchFlag, type SelectionFlags, selectionOptions } from './selection-flags.js';
import { tableOptions } from './table-flags.js';

type RecommendBatchFlags = Flags & SharedFlags & SelectionFlags & SearchFlag & NewItemsFlags;

export async function recommendBatchCommand(folder: string, given: RecommendBatchFlags): Promise<void> {
  const flags = await withEncoding(given, [given.interactions, given.items], createOutput(given.json ?? false));
  const { out, onlyUsers, skipUnknown, interactions, overwrite, shard, shards } = optionsFrom(RECOMMEND_BATCH, flags);
  const table = tableOptions(flags);
  await runJob<BatchEvent, BatchResult>(flags, {
    run: async ({ signal, onEvent }) => {
      const output = createOutput(flags.json ?? false);
      const open = await openWithFlags(folder, flags, output);
      try {
        const approximate = await openSearch(open, flags, output.note);
        const options = {
          ...(await selectionOptions(flags)),
          out,
          onlyUsers: onlyUsers === undefined ? undefined : await readOrListedIds(onlyUsers, 'user', table),
          ...{ skipUnknown, overwrite, shard, shards, approximate },
          fresh: interactions === undefined ? undefined : await readFreshHistories(interactions, table),
        };
        const onProgress = (done: number, all: number) => onEvent?.({ event: 'progress', done, all });
        const result = await recommendBatch(open, options, { signal, onNote: output.note, onProgress });
        await approximate?.close();
        return result;
      } finally {
        await open.close();
      }
    },
    sayEvent: ({ done, all }, output) => output.progress('recommending', done, all),
    sayInterrupted: ({ users }, output) => output.say(`Interrupted after ${users} users; the same command goes on`),
    sayResult: ({ files, users, seconds, usersPerSecond }, output) =>
      output.say(
        `Wrote   ${files.length === 1 ? files[0] : `${files.length} files`}: the lists of ${users} users in ${formatSeconds(seconds)} (${Math.round(usersPerSecond)} a second)`,
      ),
  });
}
