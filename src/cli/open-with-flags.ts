import type { MOVED_MODEL } from '../network/loading-options.js';
import type { Given } from '../options/option.js';
import { encoderNotes } from '../recommend/load-recommender.js';
import { openRecommender } from '../recommend/open-recommender.js';
import type { OpenRecommender } from '../recommend/recommender-handle.js';
import type { NEW_ITEMS } from '../recommend/use-options.js';
import { modelOptions, required, type SharedFlags } from './flags.js';
import { loadingProgress } from './loading-progress.js';
import type { Output } from './output.js';
import { tableOptions } from './table-flags.js';

/** Where the frozen model of a recommender lies now. */
export type FittedModelFlag = Given<typeof MOVED_MODEL>;

export type NewItemsFlags = Given<typeof NEW_ITEMS>;

/** Opens the recommender that a command is about. */
export async function openWithFlags(
  folder: string,
  flags: SharedFlags & FittedModelFlag & NewItemsFlags,
  output: Output,
): Promise<OpenRecommender> {
  const { threads, ...loading } = modelOptions(flags);
  const { items, idColumn, replaceKnown } = flags;
  const table = { ...tableOptions(flags), idColumn };
  if (items === undefined) refuseWithoutItems(flags);
  const open = await openRecommender(folder, {
    threads,
    ...loading,
    ...loadingProgress(loading, output),
    model: flags.model,
    items: items === undefined ? undefined : { source: items, table, replaceKnown },
    onNote: output.note,
    onReading: (done, all) => output.progress('reading new items', done, all),
  });
  for (const note of encoderNotes(open)) output.note(note);
  return open;
}

/** @throws FLAG_MISSING where a flag is about a table that is not given */
function refuseWithoutItems({ idColumn, replaceKnown }: NewItemsFlags): void {
  const about = {
    '--id-column': idColumn,
    '--replace-known': replaceKnown,
  };
  const given = Object.entries(about).find(([, value]) => value !== undefined);
  if (given !== undefined) required(undefined, '--items', `the table that ${given[0]} is about`);
}
