import type { ProgramOptions } from '../../runtime/program.js';
import { type Recommender, recommenderScorer } from '../recommender.js';
import { type BatchScorer, rowsAtOnce } from '../scorer.js';
import { fuseItems, itemVectors } from '../sequential/fuse-items.js';
import type { NetworkRequest } from '../sequential/network-request.js';
import type { SasRec } from '../sequential/sasrec-model.js';
import { trendingItems, trendTerms } from '../trend.js';
import { type Selection, selectItems } from './selection.js';

/** A recommender made ready to serve a catalogue of I items. */
export interface ServedCatalogue {
  readonly items: number;
  readonly score: BatchScorer;
  /** [I, d] as the network uses them. */
  readonly vectors: Float32Array;
  /** Fused, see `fuseItems`. */
  readonly network: SasRec;
  readonly itemItem: Recommender['itemItem'];
  readonly likeness: Recommender['likeness'];
  /** What being popular lately adds to each score [I], and the items that gain most; undefined where that is not mixed in. */
  readonly trend: { readonly terms: Float32Array; readonly first: Int32Array } | undefined;
  /** [I] 1 for the items of which anything is known: met in training, or read. */
  readonly known: Uint8Array;
  release(): Promise<void>;
}

/** A list, best first. */
export interface RankedList {
  readonly items: Int32Array;
  /** What the items were ranked by, boosts included. */
  readonly scores: Float32Array;
}

/** Errors: GRAPH_RUN. */
export async function serveCatalogue(recommender: Recommender, options: ProgramOptions = {}): Promise<ServedCatalogue> {
  const fused = await fuseItems(recommender.network, options);
  const network = { ...fused, popularity: logShares(fused.counts ?? fused.popularity) };
  const { score, release } = await recommenderScorer({ ...recommender, network }, options);
  const terms = recommender.trend && trendTerms(recommender.trend);
  return {
    items: recommender.items.length,
    score,
    vectors: itemVectors(network),
    network,
    itemItem: recommender.itemItem,
    likeness: recommender.likeness,
    trend: terms && { terms, first: trendingItems(terms) },
    known: knownItems(recommender.network),
    release,
  };
}

/**
 * The lists of several users by exact search over the whole catalogue, a block of users at a time, so that memory grows
 * with neither.
 */
export async function exactLists(
  served: ServedCatalogue,
  requests: readonly NetworkRequest[],
  k: number,
  selection: Selection,
): Promise<RankedList[]> {
  const { items, score, vectors } = served;
  const lists: RankedList[] = [];
  const block = rowsAtOnce(items);
  for (let start = 0; start < requests.length; start += block) {
    const users = requests.slice(start, start + block);
    const scores = await score(
      Int32Array.from(users, ({ user }) => user),
      users.map(({ history }) => history),
      users.map(({ groups }) => groups),
    );
    users.forEach(({ history }, i) => {
      const own = scores.subarray(i * items, (i + 1) * items);
      const chosen = selectItems(own, history, k, selection, vectors);
      lists.push({ items: chosen, scores: Float32Array.from(chosen, (item) => own[item]!) });
    });
  }
  return lists;
}

/** log of each item's share of the interactions, one more added to each: an empty history's scores, on the network's scale. */
function logShares(popularity: Float32Array): Float32Array {
  const all = popularity.reduce((sum, count) => sum + count, popularity.length);
  return popularity.map((count) => Math.log((count + 1) / all));
}

function knownItems({ popularity, inputs: { features } }: SasRec): Uint8Array {
  return Uint8Array.from(popularity, (count, item) => {
    if (count > 0) return 1;
    if (features === undefined) return 0;
    const { vectors, width } = features;
    for (let i = item * width; i < (item + 1) * width; i++) if (vectors[i] !== 0) return 1;
    return 0;
  });
}
