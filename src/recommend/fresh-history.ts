import type { InteractionOptions } from '../data/interactions/read-interactions.js';
import { readInteractions } from '../data/interactions/read-interactions.js';
import { orderByUser } from '../data/interactions/user-order.js';
import type { DatabaseQuery } from '../data/read-database.js';
import { historyOfUser, type RecommendRequest } from './recommend-request.js';
import type { OpenRecommender } from './recommender-handle.js';

/**
 * A request for a user who has met items since the fit, or is new since then. The fit may have learned from some of these
 * interactions: an item counts as new as often as it stands in `met` more often than in his history at the fit.
 * @param met all that is recorded of him, the oldest first
 */
export function freshRequest(open: OpenRecommender, user: string, met: readonly string[]): RecommendRequest {
  const code = open.userCodes.get(user);
  if (code === undefined) return { history: met.filter((item) => open.itemCodes.has(item)) };
  const { items } = open.saved.recommender;
  const known = new Map<string, number>();
  for (const item of historyOfUser(open, code)) known.set(items[item]!, (known.get(items[item]!) ?? 0) + 1);
  const since = met.filter((item) => {
    const before = known.get(item) ?? 0;
    known.set(item, before - 1);
    return before <= 0;
  });
  return { user, since };
}

/** What people did since the fit, user by user, the oldest first. */
export type FreshHistories = ReadonlyMap<string, readonly string[]>;

/** @throws the errors of readInteractions */
export async function readFreshHistories(
  source: string | DatabaseQuery,
  options: InteractionOptions = {},
): Promise<FreshHistories> {
  const { data } = await readInteractions(source, options);
  const { offsets, rows } = orderByUser(data);
  const itemsOf = (user: number) =>
    Array.from(rows.subarray(offsets[user]!, offsets[user + 1]!), (row) => data.items[data.item[row]!]!);
  return new Map(data.users.map((id, user) => [id, itemsOf(user)]));
}

/** The request of a user with what a table of fresh interactions says of him. */
export function requestWith(open: OpenRecommender, user: string, fresh: FreshHistories | undefined): RecommendRequest {
  const met = fresh?.get(user);
  return met === undefined ? { user } : freshRequest(open, user, met);
}
