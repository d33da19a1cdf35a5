import type { ProgramOptions } from '../../runtime/program.js';
import { fuseItems, itemVectors } from '../sequential/fuse-items.js';
import type { SasRec } from '../sequential/sasrec-model.js';
import { innerProduct, unitRows } from '../unit-rows.js';

/** 1 − the cosine of two items' vectors: how different a network finds them. Errors: GRAPH_RUN. */
export async function itemDistance(
  network: SasRec,
  options: ProgramOptions = {},
): Promise<(a: number, b: number) => number> {
  const { items, width } = network.shape;
  const unit = unitRows(
    Int32Array.from({ length: items }, (_, i) => i),
    itemVectors(await fuseItems(network, options)),
    width,
  );
  return (a, b) => 1 - innerProduct(unit, a * width, unit, b * width, width);
}
