import * as op from '../autodiff/build.js';
import { topItems } from '../evaluation/ranking/top-items.js';
import { compile, type ProgramOptions } from '../runtime/program.js';
import { type ItemItemModel, KEPT_VOTES, packRows } from './item-item-model.js';
import { type ItemItemRow, rowsAtOnce } from './scorer.js';
import type { ItemFeatures } from './sequential/sasrec-options.js';
import { unitRows } from './unit-rows.js';

/** An item that nobody met borrows from so many whose features are nearest, … */
const LENDERS = 10;
/** … the more the nearer: shares are the softmax of cosines over this. */
const TEMPERATURE = 0.1;
/** What a lender itself says for its borrowers, as a multiple of the most it says for any item. */
const OWN_VOTE = 2;

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
 * @param met see `itemsMet`
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
  for (const [borrower, shares] of lenders) {
    for (const { item, share } of shares) {
      const others = borrowers.get(item) ?? [];
      others.push({ item: borrower, share });
      borrowers.set(item, others);
    }
  }
  return packRows(met.length, model.recency, (item) => {
    const row = rowOf(model, item);
    const lends = borrowers.has(item) || row.targets.some((target) => borrowers.has(target));
    if (!lends && !lenders.has(item)) return row;
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

function rowOf({ offsets, targets, weights }: ItemItemModel, item: number): ItemItemRow {
  const [start, end] = [offsets[item]!, offsets[item + 1]!];
  return { targets: targets.subarray(start, end), weights: weights.subarray(start, end) };
}

/**
 * The votes between items that were met, without those that `withBorrowedVotes` added.
 * @param met of the model's items, and of others behind them, of which it says nothing
 */
export function ownVotes({ offsets, targets, weights, recency }: ItemItemModel, met: Uint8Array): ItemItemModel {
  return packRows(met.length, recency, (item) => {
    const places: number[] = [];
    const end = met[item] === 1 ? offsets[item + 1]! : 0;
    for (let at = offsets[item]!; at < end; at++) if (met[targets[at]!] === 1) places.push(at);
    return {
      targets: Int32Array.from(places, (at) => targets[at]!),
      weights: Float32Array.from(places, (at) => weights[at]!),
    };
  });
}

/** For each item that nobody met but whose features are known: the met items of the greatest cosines, their shares 1 in all. */
async function nearestMet(
  { vectors, width }: ItemFeatures,
  met: Uint8Array,
  options: ProgramOptions,
): Promise<ReadonlyMap<number, readonly Share[]>> {
  const described = Int32Array.from(met.keys()).filter((item) =>
    vectors.subarray(item * width, (item + 1) * width).some((x) => x !== 0),
  );
  const asking = described.filter((item) => met[item] !== 1);
  const asked = described.filter((item) => met[item] === 1);
  const lenders = new Map<number, readonly Share[]>();
  if (asking.length === 0 || asked.length === 0) return lenders;
  const feed = op.inputsByName();
  const program = await compile(
    { cosines: op.linear(feed('asking', ['N', width]), feed('asked', ['M', width])) },
    options,
  );
  try {
    const unitAsked = unitRows(asked, vectors, width);
    const block = rowsAtOnce(asked.length);
    for (let start = 0; start < asking.length; start += block) {
      const some = asking.subarray(start, start + block);
      const feeds = { asking: unitRows(some, vectors, width), asked: unitAsked };
      const { cosines } = await program.run(feeds, { N: some.length, M: asked.length });
      some.forEach((item, row) => {
        lenders.set(item, sharesOf(cosines!.subarray(row * asked.length, (row + 1) * asked.length), asked));
      });
    }
  } finally {
    await program.release();
  }
  return lenders;
}

function sharesOf(cosines: Float32Array, items: Int32Array): Share[] {
  const nearest = [...topItems(cosines, Math.min(LENDERS, items.length))];
  const weights = nearest.map((place) => Math.exp((cosines[place]! - cosines[nearest[0]!]!) / TEMPERATURE));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return nearest.map((place, i) => ({ item: items[place]!, share: weights[i]! / sum }));
}
