import type { Random } from '../../random.js';
import { besideItem, type CoOccurrences } from './co-occurrences.js';

/** Items that are told apart in one update. */
export interface ContrastiveBatch {
  /** [B] codes, each once. */
  readonly items: Int32Array;
  /** [B, B] how much item i should be near item j: each row sums to 1, or is 0 where an item is near no other. */
  readonly targets: Float32Array;
}

/** Draws items with one that stands beside each: anchors in proportion to a power of how often they occur. */
export interface PairSampler {
  draw(count: number, random: Random): ContrastiveBatch;
}

/** 1 draws items as often as they occur, 0 all alike. */
const POPULARITY_POWER = 0.5;

/** @returns undefined where no item stands beside another */
export function pairSampler(beside: CoOccurrences): PairSampler | undefined {
  const items = beside.offsets.length - 1;
  const chances = new Float64Array(items);
  let total = 0;
  for (let item = 0; item < items; item++) {
    const weight = sum(besideItem(beside, item).weights);
    total += weight ** POPULARITY_POWER;
    chances[item] = total;
  }
  if (total === 0) return undefined;
  const most = Int32Array.from(chances.keys()).filter((i) => beside.offsets[i + 1]! > beside.offsets[i]!).length;
  return {
    draw: (count, random) => {
      const wanted = Math.min(count, most);
      const drawn = new Set<number>();
      for (let tries = 0; drawn.size < wanted && tries < 20 * count; tries++) {
        const anchor = firstAbove(chances, random.uniform() * total);
        const { others, weights } = besideItem(beside, anchor);
        let point = random.uniform() * sum(weights);
        const place = weights.findIndex((weight) => {
          point -= weight;
          return point < 0;
        });
        drawn.add(anchor);
        if (drawn.size < wanted) drawn.add(others[place === -1 ? others.length - 1 : place]!);
      }
      return batchOf(Int32Array.from(drawn), beside);
    },
  };
}

function batchOf(items: Int32Array, beside: CoOccurrences): ContrastiveBatch {
  const B = items.length;
  const places = new Map(Array.from(items, (item, place) => [item, place]));
  const targets = new Float32Array(B * B);
  items.forEach((item, row) => {
    const { others, weights } = besideItem(beside, item);
    const near = Array.from(others, (other, i) => [places.get(other), weights[i]!] as const);
    const known = near.filter((pair): pair is readonly [number, number] => pair[0] !== undefined);
    const whole = known.reduce((total, [, weight]) => total + weight, 0);
    for (const [column, weight] of known) targets[row * B + column] = weight / whole;
  });
  return { items, targets };
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

/** The first place whose running total is above the point. */
function firstAbove(totals: Float64Array, point: number): number {
  let [low, high] = [0, totals.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (totals[middle]! > point) high = middle;
    else low = middle + 1;
  }
  return low;
}
