import { compile, type ProgramOptions } from '../../runtime/program.js';
import type { NetworkWeights } from '../../training/network-weights.js';
import { type ItemInputs, itemFeeds } from './item-inputs.js';
import { FEATURE_PROJECTION, ITEM_TABLE, type SasRecShape, sasRecCatalogue } from './sasrec-network.js';

/** Finishes the items' vectors, so that what scores a catalogue need not project features again and again. */
export interface CatalogueFinisher {
  /** Of the network with finished vectors: one an item, nothing else told of items. */
  readonly shape: SasRecShape;
  /** The weights of that network: every score stays, up to rounding. */
  finish(weights: NetworkWeights, inputs: ItemInputs): Promise<NetworkWeights>;
  release(): Promise<void>;
}

/** Errors: GRAPH_RUN. */
export async function catalogueFinisher(shape: SasRecShape, options: ProgramOptions = {}): Promise<CatalogueFinisher> {
  const finished: SasRecShape = { ...shape, itemVectors: true, features: 0, itemShares: false };
  if (shape.itemVectors && shape.features === 0) {
    return { shape: finished, finish: async (weights) => weights, release: async () => {} };
  }
  const program = await compile({ vectors: sasRecCatalogue(shape) }, options);
  return {
    shape: finished,
    finish: async ({ [ITEM_TABLE]: own, [FEATURE_PROJECTION]: projection, ...encoder }, inputs) => {
      const tables = { ...(own && { [ITEM_TABLE]: own }), ...(projection && { [FEATURE_PROJECTION]: projection }) };
      const { vectors } = await program.run({ ...tables, ...itemFeeds(inputs) });
      return { ...encoder, [ITEM_TABLE]: vectors! };
    },
    release: () => program.release(),
  };
}
