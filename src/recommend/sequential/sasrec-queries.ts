import { compile, type ProgramOptions } from '../../autodiff/program.js';
import { type NetworkRequest, packRequests } from './network-request.js';
import type { SasRec } from './sasrec.js';
import { sasRecQueries } from './sasrec-network.js';

/** What histories ask for. */
export interface QueryEncoder {
  /** @param requests none empty @returns [requests, d]: an item's score is its vector's inner product with a row */
  encode(requests: readonly NetworkRequest[]): Promise<Float32Array>;
  release(): Promise<void>;
}

/** @param network fused, see `fuseItems`. Errors: GRAPH_RUN. */
export async function queryEncoder(network: SasRec, options: ProgramOptions = {}): Promise<QueryEncoder> {
  const { shape, weights, languageModel } = network;
  const program = await compile({ asked: sasRecQueries(shape, languageModel) }, options);
  return {
    encode: async (requests) => {
      const { feeds, sizes } = packRequests(network, requests);
      return (await program.run({ ...weights, ...feeds }, sizes)).asked!;
    },
    release: () => program.release(),
  };
}
