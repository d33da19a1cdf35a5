import { countCodes, type InteractionData } from './interaction-data.js';
import { findRepeats } from './repeats.js';
import { showTime } from './show-time.js';
import { orderByUser } from './user-order.js';

/** Sizes of groups, from the smallest to the largest. */
export interface SizeSummary {
  readonly smallest: number;
  readonly median: number;
  readonly mean: number;
  /** The smallest size that at least 90 % of the groups do not exceed. */
  readonly ninetieth: number;
  readonly largest: number;
}

/** What interactions look like. Plain data: it can be written as JSON as it is. */
export interface InteractionDescription {
  /** Those with at least one interaction. */
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
  /** Interactions per possible pair of user and item. */
  readonly density: number;
  readonly historyLength: SizeSummary;
  readonly interactionsPerItem: SizeSummary;
  /** The most popular 1, 5, 10, 20, … 90 % of the items, and the share of all interactions they have. */
  readonly popularity: readonly { readonly topItems: number; readonly interactions: number }[];
  readonly usersWithOne: number;
  /** ISO 8601, or null without times. */
  readonly from: string | null;
  readonly to: string | null;
  /** Copies of an earlier row: the same user, item and time. */
  readonly duplicates: number;
  /** Rows with the user and item of an earlier one, at another time. */
  readonly again: number;
  /** Rows that stand in the source before an earlier one of the same user. */
  readonly outOfOrder: number;
  /** Rows with the time of their user's row before: their order is that of the source, not that of time. */
  readonly tiedTimes: number;
}

const TOP_SHARES = [0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

export function describeInteractions(data: InteractionData): InteractionDescription {
  const { time } = data;
  const lengths = countCodes(data.user, data.users.length)
    .filter((count) => count > 0)
    .sort();
  const perItem = countCodes(data.item, data.items.length)
    .filter((count) => count > 0)
    .sort();
  const order = orderByUser(data);
  const { duplicates, again } = findRepeats(data);
  const range = time && timeRange(time);
  return {
    users: lengths.length,
    items: perItem.length,
    interactions: data.user.length,
    density: data.user.length / (lengths.length * perItem.length),
    historyLength: summarizeSizes(lengths),
    interactionsPerItem: summarizeSizes(perItem),
    popularity: TOP_SHARES.map((topItems) => ({ topItems, interactions: shareOfTop(perItem, topItems) })),
    usersWithOne: lengths.filter((length) => length === 1).length,
    from: range ? showTime(range.first) : null,
    to: range ? showTime(range.last) : null,
    duplicates: duplicates.length,
    again: again.length,
    outOfOrder: order.outOfOrder,
    tiedTimes: time ? countTies(order.rows, data.user, time) : 0,
  };
}

/** @param sizes ascending, at least one */
function summarizeSizes(sizes: Int32Array): SizeSummary {
  let total = 0;
  for (const size of sizes) total += size;
  return {
    smallest: sizes[0]!,
    median: sizes[Math.floor((sizes.length - 1) / 2)]!,
    mean: total / sizes.length,
    ninetieth: sizes[sizes.length - 1 - Math.floor(sizes.length / 10)]!, // the ⌈0.9·n⌉-th
    largest: sizes.at(-1)!,
  };
}

/** @param counts ascending */
function shareOfTop(counts: Int32Array, share: number): number {
  const first = counts.length - Math.max(1, Math.round(share * counts.length));
  let top = 0;
  let all = 0;
  for (let i = 0; i < counts.length; i++) {
    all += counts[i]!;
    if (i >= first) top += counts[i]!;
  }
  return top / all;
}

/** @param time at least one */
export function timeRange(time: Float64Array): { first: number; last: number } {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const at of time) {
    if (at < first) first = at;
    if (at > last) last = at;
  }
  return { first, last };
}

function countTies(rows: Int32Array, user: Int32Array, time: Float64Array): number {
  let ties = 0;
  for (let i = 1; i < rows.length; i++) {
    const row = rows[i]!;
    const before = rows[i - 1]!;
    if (user[row] === user[before] && time[row] === time[before]) ties += 1;
  }
  return ties;
}
