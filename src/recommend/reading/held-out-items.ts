import { type Sequences, sequenceOf } from '../../data/interactions/interaction-splits.js';
import { ndcg } from '../../evaluation/ranking/ranking-metrics.js';
import type { Random } from '../../random.js';
import { innerProduct, unitRows } from '../unit-rows.js';

/** Items that a reading does not learn from, and histories that lead to them. */
export interface HeldOutItems {
  /** [items] 1 for those held out. */
  readonly isHeldOut: Uint8Array;
  /** Each with the items before it, the oldest first. */
  readonly cases: readonly { readonly item: number; readonly before: Int32Array }[];
  /** All items that have to be read to judge, ascending. */
  readonly needed: Int32Array;
}

const SHARE = 0.1;
/** Held out of a small catalogue, if they are at most a quarter of it. */
const FEWEST_ITEMS = 10;
const MOST_ITEMS = 1000;
const MOST_CASES = 1000;
/** Latest items of a history that ask. */
const LATEST = 3;
const CUTOFF = 10;

/**
 * Draws a tenth of the items that can be learned from, and cases that lead to them. No case where histories lead to none.
 * @param wanted [items] 1 for items with a text
 */
export function drawHeldOutItems(train: Sequences, wanted: Uint8Array, random: Random): HeldOutItems {
  const known = [...wanted.keys()].filter((item) => wanted[item] === 1);
  const few = Math.min(FEWEST_ITEMS, Math.floor(known.length / 4));
  const count = Math.min(MOST_ITEMS, Math.max(few, Math.floor(known.length * SHARE)));
  const isHeldOut = new Uint8Array(wanted.length);
  for (const place of random.sample(known.length, count)) isHeldOut[known[place]!] = 1;
  const all: { item: number; before: Int32Array }[] = [];
  for (let user = 0; user + 1 < train.offsets.length; user++) {
    const history = sequenceOf(train, user);
    history.forEach((item, at) => {
      if (isHeldOut[item] !== 1) return;
      const before = history.slice(0, at).filter((other) => wanted[other] === 1 && other !== item);
      if (before.length > 0) all.push({ item, before: before.slice(-LATEST) });
    });
  }
  const cases = random.sample(all.length, Math.min(all.length, MOST_CASES)).map((place) => all[place]!);
  const asked = new Set([...isHeldOut.keys()].filter((item) => isHeldOut[item] === 1));
  for (const { before } of cases) for (const item of before) asked.add(item);
  return { isHeldOut, cases, needed: Int32Array.from(asked).sort() };
}

/** NDCG@10 of each case's item among those held out, by the cosine with the mean of the latest items' features [needed, width]. */
export function neighbourNdcg(
  { isHeldOut, cases, needed }: HeldOutItems,
  features: Float32Array,
  width: number,
): Float64Array {
  const row = new Map(Array.from(needed, (item, at) => [item, at]));
  const unit = unitRows(Int32Array.from(needed.keys()), features, width);
  const candidates = Int32Array.from(needed).filter((item) => isHeldOut[item] === 1);
  return Float64Array.from(cases, ({ item, before }) => {
    const query = new Float32Array(width);
    for (const one of before) for (let i = 0; i < width; i++) query[i]! += unit[row.get(one)! * width + i]!;
    const own = innerProduct(query, 0, unit, row.get(item)! * width, width);
    let rank = 1;
    for (const other of candidates) {
      if (other === item || before.includes(other)) continue;
      if (!(innerProduct(query, 0, unit, row.get(other)! * width, width) < own)) rank += 1;
    }
    return ndcg(Int32Array.of(rank), CUTOFF);
  });
}
