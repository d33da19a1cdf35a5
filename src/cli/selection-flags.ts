import type { Command } from 'commander';
import { readOrListedIds } from '../data/interactions/read-ids.js';
import { SoftpromptError } from '../errors.js';
import { openApproximate, type TunedSearch } from '../recommend/approximate.js';
import type { Boost, ListLength, RecommendFilters } from '../recommend/recommend-filters.js';
import type { OpenRecommender } from '../recommend/recommender-handle.js';
import { count, positiveShare, type SharedFlags, shareUpToOne } from './flags.js';
import { collect } from './option-flags.js';
import { type TableFlags, tableOptions } from './table-flags.js';

/** What may be recommended, and how lists are made. */
export interface SelectionFlags {
  readonly k?: number;
  readonly where?: string;
  readonly allow?: string;
  readonly deny?: string;
  readonly boost?: readonly string[];
  readonly diversity?: number;
  readonly includeSeen?: boolean;
}

export interface SearchFlag {
  /** true where no recall is named. */
  readonly approximate?: number | true;
}

export function addSelectionFlags(command: Command): Command {
  return command
    .option('--k <n>', 'how many items (default: 10)', count)
    .option('--where <condition>', 'only items that meet it, in SQL, such as "genre = \'Drama\' AND year > 1990"')
    .option('--allow <ids>', 'only these items: a file of ids, a,b,c or a JSON list')
    .option('--deny <ids>', 'none of these items: a file of ids, a,b,c or a JSON list')
    .option('--boost <condition:score>', "added to the score, such as 'year > 1990:0.7'; repeatable", collect)
    .option('--diversity <share>', 'from 0, the best items, to 1, the most different ones (default: 0)', shareUpToOne)
    .option('--include-seen', 'items of the history too');
}

export function addSearchFlag(command: Command): Command {
  return command.option(
    '--approximate [recall]',
    'look at a part of a large catalogue, so that this share of exact search is found (default: 0.95)',
    positiveShare,
  );
}

/** Errors: RECOMMEND_FILTER, and those of `readOrListedIds`. */
export async function selectionOptions(flags: SelectionFlags & TableFlags): Promise<RecommendFilters & ListLength> {
  const { k, where, allow, deny, boost, diversity, includeSeen } = flags;
  const table = tableOptions(flags);
  return {
    k,
    where,
    allow: allow === undefined ? undefined : await readOrListedIds(allow, 'item', table),
    deny: deny === undefined ? undefined : await readOrListedIds(deny, 'item', table),
    boosts: boost?.map(readBoost),
    diversity,
    includeSeen,
  };
}

function readBoost(text: string): Boost {
  const colon = text.lastIndexOf(':');
  const add = Number(text.slice(colon + 1));
  if (colon > 0 && text.slice(colon + 1).trim() !== '' && Number.isFinite(add)) {
    return { where: text.slice(0, colon), add };
  }
  throw new SoftpromptError('RECOMMEND_FILTER', {
    found: `The boost is ${JSON.stringify(text)}`,
    expected: 'a condition, a colon and a number',
    fix: "Write, for example, 'year > 1990:0.7'.",
  });
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
