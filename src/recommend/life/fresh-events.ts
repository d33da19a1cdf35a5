import { type InteractionData, selectRows } from '../../data/interactions/interaction-data.js';
import { orderByUser } from '../../data/interactions/user-order.js';
import type { SavedRecommender } from '../folder/recommender-folder.js';
import { eventKey, unknownEvents } from '../unknown-events.js';

/**
 * The interactions of a table that a recommender does not know yet (`unknownEvents`), each user's in the order of time.
 * A folder that holds nobody knows them by their times alone: what is later than all that it was told.
 * @param brought keys of what updates brought
 */
export function freshEvents(
  { users, histories, recommender: { items }, life }: SavedRecommender,
  data: InteractionData,
  brought: ReadonlySet<string>,
): InteractionData {
  if (life?.withoutHistories) return laterThan(data, life.toldUntil ?? life.until);
  const codes = new Map(users.map((id, code) => [id, code]));
  const order = orderByUser(data);
  const fresh = data.users.flatMap((id, user) => {
    const code = codes.get(id);
    const known =
      code === undefined ? [] : histories.items.subarray(histories.offsets[code]!, histories.offsets[code + 1]!);
    const rows = order.rows.subarray(order.offsets[user]!, order.offsets[user + 1]!);
    const met = Array.from(rows, (row) => ({ row, item: data.items[data.item[row]!]!, time: data.time?.[row] }));
    const unknown = unknownEvents(met, {
      history: Array.from(known, (item) => items[item]!),
      until: life?.until,
      brought: (item, time) => brought.has(eventKey(id, item, time)),
    });
    return unknown.map(({ row }) => row);
  });
  return selectRows(data, Int32Array.from(fresh));
}

/** Rows in the order of their users and times. @param until in seconds; rows without times are all new */
function laterThan(data: InteractionData, until = Number.NEGATIVE_INFINITY): InteractionData {
  const { rows } = orderByUser(data);
  return selectRows(data, data.time ? rows.filter((row) => Math.floor(data.time![row]!) > until) : rows);
}
