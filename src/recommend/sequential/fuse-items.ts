import { compile, type ProgramOptions } from '../../autodiff/program.js';
import { itemFeeds, type SasRec } from './sasrec.js';
import { sasRecCatalogue } from './sasrec-network.js';

const ITEMS = 'items.weight';
const FEATURES = 'features.weight';

/**
 * The same network with one finished vector an item, so that serving need not project features again and again. Every
 * score stays, up to rounding. Errors: GRAPH_RUN.
 */
export async function fuseItems(model: SasRec, options: ProgramOptions = {}): Promise<SasRec> {
  const { shape, inputs } = model;
  const { [ITEMS]: own, [FEATURES]: projection, ...encoder } = model.weights;
  const plain: SasRec = {
    ...model,
    shape: { ...shape, itemVectors: true, features: 0, itemShares: false },
    inputs: { features: undefined, shares: undefined },
  };
  if (shape.itemVectors && shape.features === 0) return plain;
  const program = await compile({ vectors: sasRecCatalogue(shape) }, options);
  try {
    const weights = { ...(own && { [ITEMS]: own }), ...(projection && { [FEATURES]: projection }) };
    const { vectors } = await program.run({ ...weights, ...itemFeeds(inputs) });
    return { ...plain, weights: { ...encoder, [ITEMS]: vectors! } };
  } finally {
    await program.release();
  }
}

/** Every item's vector [I, d] of a fused network. */
export function itemVectors({ weights }: SasRec): Float32Array {
  return weights[ITEMS]!;
}
