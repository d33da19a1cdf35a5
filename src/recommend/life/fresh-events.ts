import { type InteractionData, selectRows } from '../../data/interactions/interaction-data.js';
import { orderByUser } from '../../data/interactions/user-order.js';
import type { SavedRecommender } from '../folder/recommender-folder.js';

/**
 * The interactions of a table that a recommender does not know yet, each user's in the order of time. What is later than
 * its fit is new unless an update brought it; else an item counts as new as often as it stands in the table more often
 * than in the user's history, so that a table of everything, or the same table again, brings nothing twice.
 * @param log what updates brought
 */
export function freshEvents(
  saved: SavedRecommender,
  data: InteractionData,
  log: InteractionData | undefined,
): InteractionData {
  const { users, histories, recommender, life } = saved;
  const { until } = life ?? {};
  const userCodes = new Map(users.map((id, code) => [id, code]));
  const itemCodes = new Map(recommender.items.map((id, code) => [id, code]));
  const logged = new Set<string>();
  if (log?.time) {
    for (let row = 0; row < log.user.length; row++) {
      logged.add(JSON.stringify([log.users[log.user[row]!], log.items[log.item[row]!], log.time[row]]));
    }
  }
  const order = orderByUser(data);
  const fresh: number[] = [];
  for (let user = 0; user < data.users.length; user++) {
    const own = userCodes.get(data.users[user]!);
    const known = new Map<number, number>();
    if (own !== undefined) {
      for (let at = histories.offsets[own]!; at < histories.offsets[own + 1]!; at++) {
        known.set(histories.items[at]!, (known.get(histories.items[at]!) ?? 0) + 1);
      }
    }
    for (let at = order.offsets[user]!; at < order.offsets[user + 1]!; at++) {
      const row = order.rows[at]!;
      const item = data.items[data.item[row]!]!;
      const time = data.time?.[row];
      const isNew =
        time !== undefined && until !== undefined && time > until
          ? !logged.has(JSON.stringify([data.users[user], item, time]))
          : takeOne(known, itemCodes.get(item));
      if (isNew) fresh.push(row);
    }
  }
  return selectRows(data, Int32Array.from(fresh));
}

/** Whether an item is met more often than was known. */
function takeOne(known: Map<number, number>, item: number | undefined): boolean {
  const before = item === undefined ? 0 : (known.get(item) ?? 0);
  if (item !== undefined && before > 0) known.set(item, before - 1);
  return before === 0;
}
