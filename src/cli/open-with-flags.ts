import type { Command } from 'commander';
import { encoderNotes } from '../recommend/load-recommender.js';
import { openRecommender } from '../recommend/open-recommender.js';
import type { OpenRecommender } from '../recommend/recommender-handle.js';
import { modelOptions, required, type SharedFlags } from './flags.js';
import { loadingProgress } from './loading-progress.js';
import type { Output } from './output.js';
import { addTableFlags, type TableFlags, tableOptions } from './table-flags.js';

/** Where the frozen model of a recommender lies now. */
export interface FittedModelFlag {
  readonly model?: string;
}

export function addFittedModelFlag(command: Command): Command {
  return command.option('--model <model>', "another place of the fit's frozen model (default: as fitted)");
}

/** A table of items that were not there at the fit. */
export interface NewItemsFlags extends TableFlags {
  readonly items?: string;
  readonly idColumn?: string;
  readonly replaceKnown?: boolean;
}

export function addNewItemsFlags(command: Command): Command {
  command
    .option('--items <file>', 'a table of items: those that the fit did not know are read, and can be recommended')
    .option('--id-column <name>', 'column of the id there, where its name does not tell')
    .option('--replace-known', 'rows of known items replace what the fit kept of them (default: it stays)');
  return addTableFlags(command);
}

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
