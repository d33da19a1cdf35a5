import type { Plan } from '../options/option.js';
import { settle } from '../options/settle.js';
import { calibratedPenalty, penaltyOf } from './popularity-penalty.js';
import { shown } from './recommend-request.js';
import type { OpenRecommender } from './recommender-handle.js';
import { type Boost, SELECTION, type SelectionOptions, selectionOf } from './selection-options.js';
import type { Selection } from './serving/selection.js';
import { unknownId } from './unknown-id.js';

/** Which items may be recommended, and what is favoured; see `SELECTION` for each. */
export type RecommendFilters = Omit<SelectionOptions, 'k'>;

/** How long a list is. */
export type ListLength = Pick<SelectionOptions, 'k'>;

/** Every default filled in. @throws RECOMMEND_OPTION */
export function selectionPlan(given: SelectionOptions): Plan<typeof SELECTION> {
  return settle(SELECTION, selectionOf(given), 'RECOMMEND_OPTION');
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
  const { where, allow, deny, boosts = [], diversity, popularityPenalty, includeSeen } = selectionPlan(filters);
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
  const penalty = popularityPenalty === 'auto' ? await calibratedPenalty(open) : popularityPenalty;
  if (popularityPenalty === 'auto') onNote?.(`popularity penalty ${penalty}, by what people choose`);
  return { allowed, boost: await boostOf(open, boosts, penalty), diversity, includeSeen };
}

async function boostOf(
  open: OpenRecommender,
  boosts: readonly Boost[],
  penalty: number,
): Promise<Float32Array | undefined> {
  if (boosts.length === 0 && penalty === 0) return undefined;
  const boost = penalty === 0 ? new Float32Array(open.served.items) : penaltyOf(open, penalty);
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
