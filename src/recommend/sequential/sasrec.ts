import { compile, type ProgramOptions } from '../../runtime/program.js';
import type { NetworkWeights } from '../../training/network-weights.js';
import type { BatchScorer } from '../scorer.js';
import { catalogueFinisher } from './finished-catalogue.js';
import type { ItemInputs } from './item-inputs.js';
import { answerInPieces, isTold, type NetworkRequest } from './network-request.js';
import type { SasRec } from './sasrec-model.js';
import { sasRecScores } from './sasrec-network.js';
import { programOptions, sequenceEncoder } from './sequence-encoder.js';

/** A SASRec ready to score. */
export interface SasRecScorer {
  /** Whole catalogues [users, I] after each history; only its last `maxLength` items count. */
  readonly score: BatchScorer;
  release(): Promise<void>;
}

/** Loads the network. Errors: GRAPH_RUN. */
export async function sasRecScorer(model: SasRec, options: ProgramOptions = {}): Promise<SasRecScorer> {
  const scorer = await openScorer(model, options);
  return { score: scorer.score(model.weights, model.inputs), release: scorer.release };
}

/** A scorer whose weights are given with each use, which ends when they change: items' vectors are finished once a use. */
export async function openScorer(
  network: Pick<SasRec, 'shape' | 'popularity' | 'users' | 'languageModel'>,
  options: ProgramOptions,
) {
  const { shape, popularity, users, languageModel } = network;
  const encoder = sequenceEncoder(shape, languageModel);
  const catalogue = await catalogueFinisher(shape, options);
  const scores = sasRecScores(catalogue.shape, languageModel);
  const program = await compile({ scores }, programOptions(encoder, options));
  const scoreTold = async (weights: NetworkWeights, requests: readonly NetworkRequest[]) =>
    answerInPieces(network, requests, async ({ feeds, sizes }) => {
      const { scores } = await program.run({ ...weights, ...feeds }, sizes);
      return scores!;
    });
  const score = (weights: NetworkWeights, inputs: ItemInputs): BatchScorer => {
    let finished: Promise<NetworkWeights> | undefined;
    return async (codes, histories, groups) => {
      const requests = histories.map((history, i) => ({ user: codes[i]!, history, groups: groups?.[i] }));
      const told = requests.map((request) => isTold(users, request));
      const some = requests.filter((_, i) => told[i]);
      const finish = () => {
        finished ??= catalogue.finish(weights, inputs);
        return finished;
      };
      const scored = some.length === 0 ? new Float32Array(0) : await scoreTold(await finish(), some);
      if (some.length === requests.length) return scored;
      const all = new Float32Array(requests.length * shape.items);
      let row = 0;
      told.forEach((known, i) => {
        const own = known ? scored.subarray(row * shape.items, (row + 1) * shape.items) : popularity;
        all.set(own, i * shape.items);
        if (known) row++;
      });
      return all;
    };
  };
  return {
    score,
    release: async () => {
      await program.release();
      await catalogue.release();
    },
  };
}
