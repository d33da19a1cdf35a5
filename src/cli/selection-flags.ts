import type { Command } from 'commander';
import { fileOfIds } from '../data/interactions/id-kinds.js';
import { readOrListedIds } from '../data/interactions/read-ids.js';
import { declareOptions, type Given } from '../options/option.js';
import { openApproximate, type TunedSearch } from '../recommend/approximate.js';
import type { OpenRecommender } from '../recommend/recommender-handle.js';
import { SELECTION, type SelectionOptions } from '../recommend/selection-options.js';
import { SEARCH } from '../recommend/use-options.js';
import type { SharedFlags } from './flags.js';
import { addOptions, type Flags, optionsFrom } from './option-flags.js';
import { type TableFlags, tableOptions } from './table-flags.js';

/** What may be recommended, and how lists are made; ids as a file or a list. */
export interface SelectionFlags extends Flags {
  readonly allow?: string;
  readonly deny?: string;
}

export type SearchFlag = Given<typeof SEARCH>;

/** Programs give lists, a command line may name files of ids. */
const LISTED = declareOptions({
  ...SELECTION,
  allow: { kind: fileOfIds, about: 'only these items: a file of ids, a,b,c or a JSON list' },
  deny: { kind: fileOfIds, about: 'none of these items: a file of ids, a,b,c or a JSON list' },
});

export const addSelectionFlags = (command: Command): Command => addOptions(command, LISTED);

export const addSearchFlag = (command: Command): Command => addOptions(command, SEARCH);

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
