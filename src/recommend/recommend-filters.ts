import { checkOptions, type OptionRule } from '../check-options.js';
import { shown } from './recommend-request.js';
import type { OpenRecommender } from './recommender-handle.js';
import type { Selection } from './serving/selection.js';
import { unknownId } from './unknown-id.js';

/** A score added to the items that meet a condition. Scores are log-probabilities up to a constant: 0.7 doubles the odds. */
export interface Boost {
  /** As `where` of RecommendFilters. */
  readonly where: string;
  readonly add: number;
}

/** Which items may be recommended, and what is favoured. */
export interface RecommendFilters {
  /** A condition in SQL on the items' columns, such as `genre = 'Drama' AND year > 1990`. */
  readonly where?: string | undefined;
  /** Only these items. Default: all of which anything is known. */
  readonly allow?: readonly string[] | undefined;
  /** None of these. */
  readonly deny?: readonly string[] | undefined;
  readonly boosts?: readonly Boost[] | undefined;
  /** From 0, the best items, to 1, the most different ones; see `diversify`. Default: 0. */
  readonly diversity?: number | undefined;
  /** Whether items of the history may be recommended again. Default: no. */
  readonly includeSeen?: boolean | undefined;
}

/** How long a list is. */
export interface ListLength {
  /** A whole number from 1. Default: 10. */
  readonly k?: number | undefined;
}

/**
 * Evaluates the conditions once, for any number of requests. Ids that are not known are left out of both lists with a
 * note: a shop's stock holds items that nobody met.
 * @throws RECOMMEND_FILTER, RECOMMEND_OPTION; RECOMMEND_REQUEST where no item of `allow` is known
 */
export async function prepareSelection(
  open: OpenRecommender,
  filters: RecommendFilters & ListLength = {},
  onNote?: (text: string) => void,
): Promise<Selection> {
  checkFilters(filters);
  const { where, allow, deny, boosts = [], diversity = 0, includeSeen = false } = filters;
  const { known, items } = open.served;
  const allowed = allow === undefined ? known.slice() : new Uint8Array(items);
  for (const code of knownCodes(open, allow ?? [], 'allowed', onNote)) allowed[code] = known[code]!;
  if (allow !== undefined && allow.length > 0 && !allow.some((id) => open.itemCodes.has(id))) {
    throw unknownId('item', allow[0]!, open.saved.recommender.items);
  }
  for (const code of knownCodes(open, deny ?? [], 'denied', onNote)) allowed[code] = 0;
  if (where !== undefined) {
    const holds = await (await open.itemTable()).where(where);
    for (let item = 0; item < items; item++) allowed[item]! &= holds[item]!;
  }
  if (!allowed.includes(1)) onNote?.('no item is left to recommend');
  return { allowed, boost: await boostOf(open, boosts), diversity, includeSeen };
}

async function boostOf(open: OpenRecommender, boosts: readonly Boost[]): Promise<Float32Array | undefined> {
  if (boosts.length === 0) return undefined;
  const boost = new Float32Array(open.served.items);
  for (const { where, add } of boosts) {
    const holds = await (await open.itemTable()).where(where);
    for (let item = 0; item < boost.length; item++) if (holds[item] === 1) boost[item]! += add;
  }
  return boost;
}

function knownCodes(
  { itemCodes }: OpenRecommender,
  ids: readonly string[],
  what: string,
  onNote: ((text: string) => void) | undefined,
): number[] {
  const unknown = ids.filter((id) => !itemCodes.has(id));
  if (unknown.length > 0) onNote?.(`${unknown.length} of ${ids.length} ${what} items are not known: ${shown(unknown)}`);
  return ids.flatMap((id) => itemCodes.get(id) ?? []);
}

/** @throws RECOMMEND_OPTION */
export function checkFilters({ k = 10, diversity = 0, boosts = [] }: RecommendFilters & ListLength): void {
  const rules: readonly OptionRule[] = [
    ['k', k, Number.isInteger(k) && k >= 1, 'a whole number from 1'],
    ['diversity', diversity, diversity >= 0 && diversity <= 1, 'a number from 0 to 1'],
    ...boosts.map(({ where, add }) => [`boost of ${where}`, add, Number.isFinite(add), 'a number'] as const),
  ];
  checkOptions(rules, 'RECOMMEND_OPTION');
}
