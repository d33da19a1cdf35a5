import type { ProgramOptions } from '../runtime/program.js';
import { ownVotes, withBorrowedVotes } from './borrowed-votes.js';
import { likenessOf } from './likeness.js';
import type { Recommender } from './recommender.js';

/**
 * A fitted recommender of I items with the features of J ≥ I items: the first I are its own, and those behind them are as
 * items that nobody met, which their features alone describe. Nothing is trained.
 * @param items code → id, [J] @param vectors [J, k], whitened as those of the fit; all 0 where nothing is known; undefined where the fit read no texts
 */
export async function growCatalogue(
  { network, itemItem, likeness, trend }: Recommender,
  items: readonly string[],
  vectors: Float32Array | undefined,
  options: ProgramOptions = {},
): Promise<Recommender> {
  const { shape, inputs, weights } = network;
  const features = vectors && inputs.features && { vectors, width: inputs.features.width };
  const popularity = padded(network.popularity, items.length);
  const own = weights[ITEMS];
  const grown = {
    ...network,
    shape: { ...shape, items: items.length },
    weights: own ? { ...weights, [ITEMS]: padded(own, items.length * shape.width) } : weights,
    inputs: { features, shares: inputs.shares && padded(inputs.shares, items.length) },
    popularity,
    ...(network.counts && { counts: padded(network.counts, items.length) }),
  };
  const described = {
    items,
    network: grown,
    ...(likeness && features && { likeness: likenessOf(features, likeness) }),
    ...(trend && { trend: { ...trend, counts: padded(trend.counts, items.length) } }),
  };
  if (itemItem === undefined) return { ...described, itemItem };
  const told = itemItem.wordVotes ? network.shape.items : 0;
  const met = Uint8Array.from(popularity, (count, item) => (count > 0 || item < told ? 1 : 0));
  const votes = ownVotes(itemItem.model, met);
  const model =
    itemItem.borrows === false || features === undefined
      ? votes
      : await withBorrowedVotes(votes, features, met, options);
  return { ...described, itemItem: { ...itemItem, model } };
}

/** The items' own vectors among a network's weights. */
const ITEMS = 'items.weight';

function padded(values: Float32Array, length: number): Float32Array {
  const longer = new Float32Array(length);
  longer.set(values);
  return longer;
}
