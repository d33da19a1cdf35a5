import { Random } from '../../src/random.js';
import type { SavedRecommender } from '../../src/recommend/folder/recommender-folder.js';
import { sasRecWeights } from '../../src/recommend/sequential/sasrec-network.js';
import { initialWeights } from '../../src/training/network-weights.js';

export interface RandomSizes {
  readonly items: number;
  readonly users: number;
  readonly width: number;
  readonly historyLength: number;
  readonly maxLength: number;
  readonly seed?: number;
}

/** A recommender of random weights and histories: what it recommends means nothing, but it serves as any other. */
export function randomRecommender({
  items,
  users,
  width,
  historyLength,
  maxLength,
  seed = 1,
}: RandomSizes): SavedRecommender {
  const random = new Random(5);
  const shape = { items, width, layers: 1, heads: 1, maxLength, itemVectors: true, features: 0, itemShares: false };
  const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
  return {
    recommender: {
      items: ids('i', items),
      network: {
        shape,
        weights: initialWeights(sasRecWeights(shape), seed),
        inputs: { features: undefined, shares: undefined },
        popularity: new Float32Array(items).fill(1),
      },
      itemItem: undefined,
    },
    learnedFrom: 'training',
    itemColumns: new Map([['parity', Array.from({ length: items }, (_, i) => (i % 2 === 0 ? 'even' : 'odd'))]]),
    users: ids('u', users),
    histories: {
      offsets: Int32Array.from({ length: users + 1 }, (_, u) => u * historyLength),
      items: Int32Array.from({ length: users * historyLength }, () => random.integer(items)),
    },
    reading: undefined,
    options: null,
    protocol: 'none',
    metrics: null,
  };
}
