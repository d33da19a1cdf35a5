import { type InteractionData, selectRows } from '../../data/interactions/interaction-data.js';
import { orderByUser } from '../../data/interactions/user-order.js';
import type { SavedRecommender } from '../folder/recommender-folder.js';
import { eventKey, unknownEvents } from '../unknown-events.js';

/**
 * The interactions of a table that a recommender does not know yet (`unknownEvents`), each user's in the order of time.
 * @param brought keys of what updates brought
 */
export function freshEvents(
  { users, histories, recommender: { items }, life }: SavedRecommender,
  data: InteractionData,
  brought: ReadonlySet<string>,
): InteractionData {
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
