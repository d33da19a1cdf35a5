import { countCodes } from '../../data/interactions/interaction-data.js';
import type { Sequences } from '../../data/interactions/interaction-splits.js';
import type { Random } from '../../random.js';

/** [I] how much an item's own vector counts, n/(n + fade) for n training interactions; 0 where there are none. */
export function itemShares(train: Sequences, items: number, fade: number): Float32Array {
  return Float32Array.from(countCodes(train.items, items), (n) => (n === 0 ? 0 : n / (n + fade)));
}

/** The shares of one update, some of them left out. */
export function dropShares(shares: Float32Array, rate: number, random: Random): Float32Array {
  return rate === 0 ? shares : shares.map((share) => (random.uniform() < rate ? 0 : share));
}
