import { type InteractionData, selectRows } from './interaction-data.js';
import { orderByUser } from './user-order.js';

/** Rows that say again what an earlier one of the same user said (earlier in time, then in the source). */
export interface Repeats {
  /** [duplicates] Rows with the user, item and time of an earlier one: copies of it. Without times there are none. */
  readonly duplicates: Int32Array;
  /** [again] Rows with the user and item of an earlier one, at another time. */
  readonly again: Int32Array;
}

export function findRepeats(data: InteractionData): Repeats {
  const { offsets, rows } = orderByUser(data);
  const lastUser = new Int32Array(data.items.length).fill(-1); // the last user seen with the item, and when
  const lastTime = new Float64Array(data.items.length);
  const duplicates: number[] = [];
  const again: number[] = [];
  for (let user = 0; user < data.users.length; user++) {
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) {
      const row = rows[at]!;
      const item = data.item[row]!;
      const time = data.time?.[row];
      if (lastUser[item] === user) (time !== undefined && time === lastTime[item] ? duplicates : again).push(row);
      lastUser[item] = user;
      if (time !== undefined) lastTime[item] = time;
    }
  }
  return { duplicates: Int32Array.from(duplicates), again: Int32Array.from(again) };
}

/** Leaves out the copies of rows; with `again`, also every later interaction of a user with the same item. */
export function withoutRepeats(data: InteractionData, which: 'duplicates' | 'again'): InteractionData {
  const { duplicates, again } = findRepeats(data);
  const dropped = new Uint8Array(data.user.length);
  for (const row of duplicates) dropped[row] = 1;
  if (which === 'again') for (const row of again) dropped[row] = 1;
  return selectRows(
    data,
    Int32Array.from(data.user.keys()).filter((row) => dropped[row] === 0),
  );
}
