import { type Sequences, sequenceOf } from '../../data/interactions/interaction-splits.js';

/** How near items stand to each other in histories: for each item those beside it, in compressed form, symmetric. */
export interface CoOccurrences {
  /** [items + 1] */
  readonly offsets: Int32Array;
  readonly others: Int32Array;
  /** Σ over users of 1/distance, above 0. */
  readonly weights: Float64Array;
}

/** Items further apart in a history are taken for strangers. */
const WINDOW = 5;
/** A user tells this many of his latest pairs at most. */
const LATEST = 200;

/** Of the items that are wanted alone. @param wanted [items] 1 for those */
export function coOccurrences(train: Sequences, wanted: Uint8Array): CoOccurrences {
  const rows = Array.from(wanted, () => new Map<number, number>());
  for (let user = 0; user + 1 < train.offsets.length; user++) {
    const history = sequenceOf(train, user).slice(-LATEST);
    history.forEach((item, at) => {
      if (wanted[item] !== 1) return;
      for (let distance = 1; distance <= WINDOW && at + distance < history.length; distance++) {
        const other = history[at + distance]!;
        if (other === item || wanted[other] !== 1) continue;
        for (const [a, b] of [[item, other] as const, [other, item] as const]) {
          rows[a]!.set(b, (rows[a]!.get(b) ?? 0) + 1 / distance);
        }
      }
    });
  }
  const offsets = new Int32Array(wanted.length + 1);
  rows.forEach((row, item) => {
    offsets[item + 1] = offsets[item]! + row.size;
  });
  return {
    offsets,
    others: Int32Array.from(rows.flatMap((row) => [...row.keys()])),
    weights: Float64Array.from(rows.flatMap((row) => [...row.values()])),
  };
}

/** Those beside an item, without a copy. */
export function besideItem({ offsets, others, weights }: CoOccurrences, item: number) {
  const [start, end] = [offsets[item]!, offsets[item + 1]!];
  return { others: others.subarray(start, end), weights: weights.subarray(start, end) };
}
