import { countCodes, type InteractionData } from './interaction-data.js';

/** Rows grouped by user, in compressed form: user u's are rows[offsets[u]] … rows[offsets[u + 1] − 1]. */
export interface UserRows {
  /** [users + 1] */
  readonly offsets: Int32Array;
  /** [N] */
  readonly rows: Int32Array;
  /** Rows that stood in the source before an earlier one of the same user. */
  readonly outOfOrder: number;
}

/** Every user's rows in the order of time; rows of the same time stay in the order of the source. */
export function orderByUser({ users, user, time }: InteractionData): UserRows {
  const { offsets, rows } = groupRows(user, users.length);
  if (time === undefined) return { offsets, rows, outOfOrder: 0 };
  let outOfOrder = 0;
  for (let u = 0; u < users.length; u++) {
    const own = rows.subarray(offsets[u]!, offsets[u + 1]!);
    const late = countDescents(own, time);
    if (late > 0) own.sort((a, b) => time[a]! - time[b]! || a - b);
    outOfOrder += late;
  }
  return { offsets, rows, outOfOrder };
}

/** Where each group begins, and the total at the end, [groups + 1]. */
export function startOffsets(counts: Int32Array): Int32Array {
  const offsets = new Int32Array(counts.length + 1);
  for (let group = 0; group < counts.length; group++) offsets[group + 1] = offsets[group]! + counts[group]!;
  return offsets;
}

/**
 * Groups rows by a counting sort; the rows of a group stay in their order.
 * @param groupOf [N] the group of each row
 * @returns [groups + 1] and [N]: a group's rows are rows[offsets[group]] … rows[offsets[group + 1] − 1]
 */
export function groupRows(groupOf: Int32Array, groups: number): { offsets: Int32Array; rows: Int32Array } {
  const offsets = startOffsets(countCodes(groupOf, groups));
  const next = offsets.slice();
  const rows = new Int32Array(groupOf.length);
  for (let row = 0; row < groupOf.length; row++) rows[next[groupOf[row]!]!++] = row;
  return { offsets, rows };
}

function countDescents(rows: Int32Array, time: Float64Array): number {
  let descents = 0;
  for (let i = 1; i < rows.length; i++) if (time[rows[i]!]! < time[rows[i - 1]!]!) descents += 1;
  return descents;
}
