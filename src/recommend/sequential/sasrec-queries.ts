import { compile, type ProgramOptions } from '../../runtime/program.js';
import { answerInPieces, type NetworkRequest } from './network-request.js';
import type { SasRec } from './sasrec-model.js';
import { sasRecQueries } from './sasrec-network.js';
import { programOptions, sequenceEncoder } from './sequence-encoder.js';

/** What histories ask for. */
export interface QueryEncoder {
  /** @param requests none empty @returns [requests, d]: an item's score is its vector's inner product with a row */
  encode(requests: readonly NetworkRequest[]): Promise<Float32Array>;
  release(): Promise<void>;
}

/** @param network fused, see `fuseItems`. Errors: GRAPH_RUN. */
export async function queryEncoder(network: SasRec, options: ProgramOptions = {}): Promise<QueryEncoder> {
  const { shape, weights, languageModel } = network;
  const encoder = sequenceEncoder(shape, languageModel);
  const program = await compile({ asked: sasRecQueries(shape, languageModel) }, programOptions(encoder, options));
  return {
    encode: (requests) =>
      answerInPieces(network, requests, async ({ feeds, sizes }) => {
        const { asked } = await program.run({ ...weights, ...feeds }, sizes);
        return asked!;
      }),
    release: () => program.release(),
  };
}
