/**
 * Lists of 10 for 1,000 users with histories of 50 from 100,000 items, by exact search over the whole catalogue, with
 * random weights of the default network; and the same with an item-item model mixed in.
 *
 *   node dist/bench/recommendation/scoring.js [USERS] [ITEMS]
 */
import { Random } from '../../src/random.js';
import type { ItemItemModel } from '../../src/recommend/item-item-model.js';
import type { SasRec } from '../../src/recommend/sequential/sasrec.js';
import { sasRecWeights } from '../../src/recommend/sequential/sasrec-network.js';
import { SASREC_DEFAULTS } from '../../src/recommend/sequential/sasrec-options.js';
import { exactLists, serveCatalogue } from '../../src/recommend/serving/served-catalogue.js';
import { initialWeights } from '../../src/tuning/network-weights.js';
import { machine, writeResult } from '../machine.js';

const [users = 1000, items = 100_000] = process.argv.slice(2).map(Number);
const HISTORY = 50;
const NEIGHBOURS = 200;
const K = 10;
const random = new Random(1);
const { width, layers, heads, maxLength } = SASREC_DEFAULTS;
const shape = { items, width, layers, heads, maxLength, itemVectors: true, features: 0, itemShares: false };
const network: SasRec = {
  shape,
  weights: initialWeights(sasRecWeights(shape), 1),
  inputs: { features: undefined, shares: undefined },
  popularity: new Float32Array(items).fill(1),
};
const neighbours: ItemItemModel = {
  offsets: Int32Array.from({ length: items + 1 }, (_, i) => i * NEIGHBOURS),
  targets: Int32Array.from({ length: items * NEIGHBOURS }, () => random.integer(items)),
  weights: new Float32Array(items * NEIGHBOURS).fill(0.1),
  recency: 0.9,
};
const requests = Array.from({ length: users }, (_, user) => ({
  user,
  history: Int32Array.from({ length: HISTORY }, () => random.integer(items)),
}));
const ids = Array.from({ length: items }, (_, i) => String(i));
const selection = {
  allowed: new Uint8Array(items).fill(1),
  boost: undefined,
  diversity: 0,
  includeSeen: false,
};

const seconds: Record<string, number> = {};
for (const [name, itemItem] of [
  ['network', undefined] as const,
  ['network and item neighbours', { model: neighbours, mixture: { weight: 1, floor: 0.01 } }] as const,
]) {
  const served = await serveCatalogue({ items: ids, network, itemItem });
  await exactLists(served, requests.slice(0, 64), K, selection);
  const started = performance.now();
  const lists = await exactLists(served, requests, K, selection);
  seconds[name] = Number(((performance.now() - started) / 1000).toFixed(2));
  console.log(`${name}: ${lists.length} users × ${items} items in ${seconds[name]} s`);
  await served.release();
}
writeResult('bench/results/recommendation-scoring.json', {
  users,
  items,
  history: HISTORY,
  k: K,
  width,
  seconds,
  peakRssMib: Math.round(process.resourceUsage().maxRSS / 1024),
  machine: machine(),
});
