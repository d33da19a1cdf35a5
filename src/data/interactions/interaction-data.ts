/**
 * Interactions as columns of equal length N, one entry a row, in the order of their source. Users and items stand as
 * codes: places in `users` and `items`. A code says nothing about a row's split: everything counted or learned per
 * code comes from the training rows.
 */
export interface InteractionData {
  /** Code → id. */
  readonly users: readonly string[];
  /** Code → id. */
  readonly items: readonly string[];
  /** [N] */
  readonly user: Int32Array;
  /** [N] */
  readonly item: Int32Array;
  /** [N] seconds since 1970. Undefined where the source has none: a user's rows are then in the order of time. */
  readonly time: Float64Array | undefined;
  /** [N] */
  readonly rating: Float32Array | undefined;
}

/** The rows with the given numbers, in that order. Codes keep their meaning. */
export function selectRows(data: InteractionData, rows: Int32Array): InteractionData {
  return {
    users: data.users,
    items: data.items,
    user: rows.map((row) => data.user[row]!),
    item: rows.map((row) => data.item[row]!),
    time: data.time && Float64Array.from(rows, (row) => data.time![row]!),
    rating: data.rating && Float32Array.from(rows, (row) => data.rating![row]!),
  };
}

/** How often each of `count` codes occurs, [count]. */
export function countCodes(codes: Int32Array, count: number): Int32Array {
  const counts = new Int32Array(count);
  for (const code of codes) counts[code]! += 1;
  return counts;
}

/** Leaves out the ids that no row uses and numbers the others anew, in the same order. */
export function compactCodes(data: InteractionData): InteractionData {
  const users = usedCodes(data.user, data.users);
  const items = usedCodes(data.item, data.items);
  return {
    ...data,
    users: users.ids,
    items: items.ids,
    user: data.user.map((code) => users.renumbered[code]!),
    item: data.item.map((code) => items.renumbered[code]!),
  };
}

function usedCodes(codes: Int32Array, ids: readonly string[]): { ids: string[]; renumbered: Int32Array } {
  const counts = countCodes(codes, ids.length);
  let next = 0;
  const renumbered = counts.map((count) => (count > 0 ? next++ : -1));
  return { ids: ids.filter((_, code) => counts[code]! > 0), renumbered };
}
