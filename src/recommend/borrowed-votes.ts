import * as op from '../autodiff/build.js';
import { compile, type ProgramOptions } from '../autodiff/program.js';
import { type ItemItemModel, KEPT_VOTES, packRows } from './item-item-model.js';
import type { ItemFeatures } from './sequential/sasrec-options.js';

/** An item that nobody met borrows from so many whose features are nearest, … */
const LENDERS = 10;
/** … the more the nearer: shares are the softmax of cosines over this. */
const TEMPERATURE = 0.1;
/** What a lender itself says for its borrowers, as a multiple of the most it says for any item. */
const OWN_VOTE = 4;
/** Cosines held at once: 64 MiB. */
const COSINES_AT_ONCE = 2 ** 24;

/** An item of a borrowing, and the share that is borrowed. */
interface Share {
  readonly item: number;
  readonly share: number;
}

/**
 * Lets items that nobody met take part in an item-item model, which else says nothing for them: what speaks for items of
 * similar features speaks for them, and most of all those items themselves. In a history they speak as those do. Votes
 * between items that were met stay as they are.
 * @param features of the items; all 0 where nothing is known
 * @param met [I] 1 for items with training interactions
 */
export async function withBorrowedVotes(
  model: ItemItemModel,
  features: ItemFeatures,
  met: Uint8Array,
  options: ProgramOptions = {},
): Promise<ItemItemModel> {
  const lenders = await nearestMet(features, met, options);
  if (lenders.size === 0) return model;
  const borrowers = new Map<number, Share[]>();
  for (const [borrower, list] of lenders) {
    for (const { item, share } of list) {
      borrowers.set(item, [...(borrowers.get(item) ?? []), { item: borrower, share }]);
    }
  }
  return packRows(met.length, model.recency, (item) => {
    const votes = new Map<number, number>();
    const add = (target: number, vote: number) => votes.set(target, (votes.get(target) ?? 0) + vote);
    const lend = (target: number, vote: number) => {
      if (vote > 0) for (const { item, share } of borrowers.get(target) ?? []) add(item, share * vote);
    };
    for (const { item: speaker, share } of lenders.get(item) ?? [{ item, share: 1 }]) {
      let most = 0;
      for (let at = model.offsets[speaker]!; at < model.offsets[speaker + 1]!; at++) {
        const [target, vote] = [model.targets[at]!, model.weights[at]!];
        most = Math.max(most, vote);
        add(target, share * vote);
        lend(target, share * vote);
      }
      const own = share * OWN_VOTE * most;
      if (speaker !== item && own > 0) add(speaker, own);
      lend(speaker, own);
    }
    votes.delete(item);
    const largest = [...votes].sort(([a, x], [b, y]) => Math.abs(y) - Math.abs(x) || a - b);
    const kept = [1, 0].flatMap((which) => largest.filter(([target]) => met[target] === which).slice(0, KEPT_VOTES));
    return {
      targets: Int32Array.from(kept, ([target]) => target),
      weights: Float32Array.from(kept, ([, vote]) => vote),
    };
  });
}

/** For each item that nobody met but whose features are known: the met items of the greatest cosines, their shares 1 in all. */
async function nearestMet(
  { vectors, width }: ItemFeatures,
  met: Uint8Array,
  options: ProgramOptions,
): Promise<ReadonlyMap<number, readonly Share[]>> {
  const unit = unitRows(vectors, width);
  const known = (item: number) => unit.subarray(item * width, (item + 1) * width).some((x) => x !== 0);
  const some = [...met.keys()].filter(known);
  const unmet = some.filter((item) => met[item] !== 1);
  const others = some.filter((item) => met[item] === 1);
  const lenders = new Map<number, readonly Share[]>();
  if (unmet.length === 0 || others.length === 0) return lenders;
  const rowsOf = (items: readonly number[]) => {
    const rows = new Float32Array(items.length * width);
    for (const [row, item] of items.entries()) rows.set(unit.subarray(item * width, (item + 1) * width), row * width);
    return rows;
  };
  const feed = op.inputsByName();
  const cosines = op.linear(feed('unmet', ['N', width]), feed('met', ['M', width]));
  const program = await compile({ cosines }, options);
  try {
    const ofMet = rowsOf(others);
    const block = Math.max(1, Math.floor(COSINES_AT_ONCE / others.length));
    for (let start = 0; start < unmet.length; start += block) {
      const asked = unmet.slice(start, start + block);
      const sizes = { N: asked.length, M: others.length };
      const { cosines } = await program.run({ unmet: rowsOf(asked), met: ofMet }, sizes);
      asked.forEach((item, row) => {
        const all = cosines!.subarray(row * others.length, (row + 1) * others.length);
        lenders.set(item, sharesOf(all, others));
      });
    }
  } finally {
    await program.release();
  }
  return lenders;
}

function sharesOf(cosines: Float32Array, items: readonly number[]): Share[] {
  const nearest: number[] = []; // places, the nearest first
  cosines.forEach((cosine, place) => {
    if (nearest.length === LENDERS && cosine <= cosines[nearest.at(-1)!]!) return;
    if (nearest.length === LENDERS) nearest.pop();
    let at = nearest.length;
    while (at > 0 && cosine > cosines[nearest[at - 1]!]!) at--;
    nearest.splice(at, 0, place);
  });
  const weights = nearest.map((place) => Math.exp((cosines[place]! - cosines[nearest[0]!]!) / TEMPERATURE));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return nearest.map((place, i) => ({ item: items[place]!, share: weights[i]! / sum }));
}

/** Each row divided by its length; rows of 0 stay. */
function unitRows(vectors: Float32Array, width: number): Float32Array {
  const unit = vectors.slice();
  for (let start = 0; start < unit.length; start += width) {
    const row = unit.subarray(start, start + width);
    const length = Math.hypot(...row);
    if (length > 0)
      unit.set(
        row.map((x) => x / length),
        start,
      );
  }
  return unit;
}
