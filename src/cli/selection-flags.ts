import type { Command } from 'commander';
import { readOrListedIds } from '../data/interactions/read-ids.js';
import { openApproximate, type TunedSearch } from '../recommend/approximate.js';
import type { OpenRecommender } from '../recommend/recommender-handle.js';
import { SELECTION, type SelectionOptions } from '../recommend/selection-options.js';
import { positiveShare, type SharedFlags } from './flags.js';
import { addOptions, type Flags, optionsFrom } from './option-flags.js';
import { type TableFlags, tableOptions } from './table-flags.js';

/** What may be recommended, and how lists are made; ids as a file or a list. */
export interface SelectionFlags extends Flags {
  readonly allow?: string;
  readonly deny?: string;
}

export interface SearchFlag {
  /** true where no recall is named. */
  readonly approximate?: number | true;
}

export function addSelectionFlags(command: Command): Command {
  return addOptions(command, SELECTION)
    .option('--allow <ids>', 'only these items: a file of ids, a,b,c or a JSON list')
    .option('--deny <ids>', 'none of these items: a file of ids, a,b,c or a JSON list');
}

export function addSearchFlag(command: Command): Command {
  return command.option(
    '--approximate [recall]',
    'look at a part of a large catalogue, so that this share of exact search is found (default: 0.95)',
    positiveShare,
  );
}

/** Errors: RECOMMEND_FILTER, and those of `readOrListedIds`. */
export async function selectionOptions(flags: SelectionFlags & TableFlags): Promise<SelectionOptions> {
  const { allow, deny } = flags;
  const table = tableOptions(flags);
  return {
    ...optionsFrom(SELECTION, flags),
    allow: allow === undefined ? undefined : await readOrListedIds(allow, 'item', table),
    deny: deny === undefined ? undefined : await readOrListedIds(deny, 'item', table),
  };
}

/** What `--approximate` asks for; undefined for exact search. */
export async function openSearch(
  open: OpenRecommender,
  { approximate, threads }: SearchFlag & SharedFlags,
  onNote: (text: string) => void,
): Promise<TunedSearch | undefined> {
  if (approximate === undefined) return undefined;
  return openApproximate(open, {
    threads,
    recall: approximate === true ? undefined : approximate,
    onNote,
  });
}
