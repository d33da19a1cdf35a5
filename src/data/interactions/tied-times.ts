import { Random } from '../../random.js';
import { type InteractionData, selectRows } from './interaction-data.js';
import { orderByUser } from './user-order.js';

/**
 * What comes first of a user's rows of the same time: `random` draws it, `file` keeps the order of the source. A source
 * that is sorted by its item ids, or by anything else that is not time, tells a model what comes last.
 */
export const TIE_ORDERS = ['random', 'file'] as const;

/** Interactions whose tied rows were shuffled, and how many rows share their time with another of their user. */
export interface ShuffledTies {
  readonly data: InteractionData;
  readonly tied: number;
}

/** Draws the order of each user's rows of the same time, all orders equally likely; every other row stays in its place. */
export function shuffleTies(data: InteractionData, seed: number): ShuffledTies {
  const { time } = data;
  if (time === undefined) return { data, tied: 0 };
  const random = new Random(seed);
  const { offsets, rows } = orderByUser(data);
  const order = Int32Array.from(rows.keys());
  let tied = 0;
  for (let user = 0; user < data.users.length; user++) {
    const end = offsets[user + 1]!;
    for (let start = offsets[user]!, next = start; start < end; start = next) {
      next = start + 1;
      while (next < end && time[rows[next]!] === time[rows[start]!]) next++;
      if (next === start + 1) continue;
      const places = rows.subarray(start, next);
      for (const [i, row] of random.shuffle([...places]).entries()) order[places[i]!] = row;
      tied += next - start;
    }
  }
  return { data: tied === 0 ? data : selectRows(data, order), tied };
}
