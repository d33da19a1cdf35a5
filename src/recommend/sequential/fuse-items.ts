import type { ProgramOptions } from '../../runtime/program.js';
import { catalogueFinisher } from './finished-catalogue.js';
import type { SasRec } from './sasrec-model.js';
import { ITEM_TABLE } from './sasrec-network.js';

/**
 * The same network with one finished vector an item, so that serving need not project features again and again. Every
 * score stays, up to rounding. Errors: GRAPH_RUN.
 */
export async function fuseItems(model: SasRec, options: ProgramOptions = {}): Promise<SasRec> {
  const catalogue = await catalogueFinisher(model.shape, options);
  try {
    const weights = await catalogue.finish(model.weights, model.inputs);
    return { ...model, shape: catalogue.shape, inputs: { features: undefined, shares: undefined }, weights };
  } finally {
    await catalogue.release();
  }
}

/** Every item's vector [I, d] of a fused network. */
export function itemVectors({ weights }: SasRec): Float32Array {
  return weights[ITEM_TABLE]!;
}
