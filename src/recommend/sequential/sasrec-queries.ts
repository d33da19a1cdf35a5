import { compile, type ProgramOptions } from '../../autodiff/program.js';
import { packSequences } from './packed-sequences.js';
import type { SasRec } from './sasrec.js';
import { sasRecQueries } from './sasrec-network.js';

/** What histories ask for. */
export interface QueryEncoder {
  /** @param histories none empty @returns [histories, d]: an item's score is its vector's inner product with a row */
  encode(histories: readonly Int32Array[]): Promise<Float32Array>;
  release(): Promise<void>;
}

/** @param network fused, see `fuseItems`. Errors: GRAPH_RUN. */
export async function queryEncoder(network: SasRec, options: ProgramOptions = {}): Promise<QueryEncoder> {
  const { shape, weights } = network;
  const program = await compile({ asked: sasRecQueries(shape) }, options);
  return {
    encode: async (histories) => {
      const recent = histories.map((history) => history.slice(-shape.maxLength));
      const { feeds, sizes } = packSequences(recent, shape.heads);
      return (await program.run({ ...weights, ...feeds }, { ...sizes })).asked!;
    },
    release: () => program.release(),
  };
}
