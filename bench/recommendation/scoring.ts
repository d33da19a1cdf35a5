/**
 * Lists of 10 for 1,000 users with histories of 50 from 100,000 items, by exact search over the whole catalogue, with
 * random weights of the default network; the same with an item-item model mixed in, and approximately. Items come in
 * groups, as real ones do: among vectors without any order there is nothing to search by.
 *
 *   node dist/bench/recommendation/scoring.js [USERS] [ITEMS]
 */
import { Random } from '../../src/random.js';
import type { ItemItemModel } from '../../src/recommend/item-item-model.js';
import type { SasRec } from '../../src/recommend/sequential/sasrec-model.js';
import { sasRecWeights } from '../../src/recommend/sequential/sasrec-network.js';
import { SASREC_DEFAULTS } from '../../src/recommend/sequential/sasrec-options.js';
import { queryEncoder } from '../../src/recommend/sequential/sasrec-queries.js';
import { approximateLists, recallAgainstExact } from '../../src/recommend/serving/approximate-search.js';
import { buildInvertedFile } from '../../src/recommend/serving/inverted-file.js';
import { exactLists, serveCatalogue } from '../../src/recommend/serving/served-catalogue.js';
import { initialWeights } from '../../src/training/network-weights.js';
import { machine, writeResult } from '../machine.js';

const [users = 1000, items = 100_000] = process.argv.slice(2).map(Number);
const HISTORY = 50;
const NEIGHBOURS = 200;
const K = 10;
const random = new Random(1);
const { layers, heads, maxLength } = SASREC_DEFAULTS;
const width = 64;
const shape = { items, width, layers, heads, maxLength, itemVectors: true, features: 0, itemShares: false };
const network: SasRec = {
  shape,
  weights: { ...initialWeights(sasRecWeights(shape), 1), 'items.weight': groupedVectors() },
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
const approximate = await measureApproximate();
writeResult(`bench/results/recommendation-scoring-${items}.json`, {
  users,
  items,
  history: HISTORY,
  k: K,
  width,
  seconds,
  approximate,
  peakRssMib: Math.round(process.resourceUsage().maxRSS / 1024),
  machine: machine(),
});

/** [items, width]: each a centre of √items groups, and as much of its own. */
function groupedVectors(): Float32Array {
  const groups = Math.round(Math.sqrt(items));
  const normal = () => 0.02 * Math.sqrt(12) * (random.uniform() - 0.5);
  const centres = Float32Array.from({ length: groups * width }, normal);
  const group = Int32Array.from({ length: items }, () => random.integer(groups));
  return Float32Array.from(
    { length: items * width },
    (_, at) => centres[group[Math.floor(at / width)]! * width + (at % width)]! + normal(),
  );
}

async function measureApproximate() {
  const served = await serveCatalogue({ items: ids, network, itemItem: undefined });
  const encoder = await queryEncoder(served.network);
  const began = performance.now();
  const index = await buildInvertedFile(served.vectors, width, served.known);
  const buildSeconds = Number(((performance.now() - began) / 1000).toFixed(2));
  const cells = index.offsets.length - 1;
  const searches = [];
  for (const share of [128, 32, 8]) {
    const search = { index, probes: Math.round(cells / share), encoder };
    const recall = await recallAgainstExact(served, search, requests.slice(0, 200), K);
    const started = performance.now();
    await approximateLists(served, search, requests, K, selection);
    const line = {
      probes: search.probes,
      recall: Number(recall.toFixed(3)),
      seconds: Number(((performance.now() - started) / 1000).toFixed(2)),
    };
    console.log(`approximate, ${line.probes} of ${cells} cells: recall ${line.recall}, ${line.seconds} s`);
    searches.push(line);
  }
  await served.release();
  await encoder.release();
  return { cells, buildSeconds, searches };
}
