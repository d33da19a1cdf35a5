import type { InteractionOptions } from '../data/interactions/read-interactions.js';
import { readInteractions } from '../data/interactions/read-interactions.js';
import { orderByUser } from '../data/interactions/user-order.js';
import type { DatabaseQuery } from '../data/read-database.js';
import { historyOfUser, type RecommendRequest } from './recommend-request.js';
import type { OpenRecommender } from './recommender-handle.js';
import { eventKey, type MetItem, unknownEvents } from './unknown-events.js';

/**
 * A request for a user who has met items since the fit, or is new since then.
 * @param met what is recorded of him, the oldest first; what the recommender knows of it counts once
 */
export function freshRequest(open: OpenRecommender, user: string, met: readonly MetItem[]): RecommendRequest {
  const { saved, userCodes, itemCodes, brought } = open;
  const code = userCodes.get(user);
  if (code === undefined) return { history: met.map(({ item }) => item).filter((item) => itemCodes.has(item)) };
  const unknown = unknownEvents(met, {
    history: Array.from(historyOfUser(open, code), (item) => saved.recommender.items[item]!),
    until: saved.life?.until,
    brought: (item, time) => brought.has(eventKey(user, item, time)),
  });
  return { user, since: unknown.map(({ item }) => item) };
}

/** What people did since the fit, user by user, the oldest first. */
export type FreshHistories = ReadonlyMap<string, readonly MetItem[]>;

/** @throws the errors of readInteractions */
export async function readFreshHistories(
  source: string | DatabaseQuery,
  options: InteractionOptions = {},
): Promise<FreshHistories> {
  const { data } = await readInteractions(source, options);
  const { offsets, rows } = orderByUser(data);
  const itemsOf = (user: number) =>
    Array.from(rows.subarray(offsets[user]!, offsets[user + 1]!), (row) => ({
      item: data.items[data.item[row]!]!,
      time: data.time?.[row],
    }));
  return new Map(data.users.map((id, user) => [id, itemsOf(user)]));
}

/** The request of a user with what a table of fresh interactions says of him. */
export function requestWith(open: OpenRecommender, user: string, fresh: FreshHistories | undefined): RecommendRequest {
  const met = fresh?.get(user);
  return met === undefined ? { user } : freshRequest(open, user, met);
}
