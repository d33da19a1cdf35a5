import { compile, type ProgramOptions } from '../../autodiff/program.js';
import { countCodes } from '../../data/interactions/interaction-data.js';
import type { Sequences } from '../../data/interactions/interaction-splits.js';
import type { NetworkWeights } from '../../tuning/network-weights.js';
import type { BatchScorer } from '../scorer.js';
import { packSequences } from './packed-sequences.js';
import { type SasRecShape, sasRecScores } from './sasrec-network.js';
import type { ItemFeatures } from './sasrec-options.js';

/** A trained SASRec. */
export interface SasRec {
  readonly shape: SasRecShape;
  readonly weights: NetworkWeights;
  readonly inputs: ItemInputs;
  /** [I] training interactions: what an empty history is answered with. */
  readonly popularity: Float32Array;
}

/** What the network is told of the items. */
export interface ItemInputs {
  readonly features: ItemFeatures | undefined;
  /** [I] how much of each item's own vector counts. */
  readonly shares: Float32Array | undefined;
}

/** A SASRec ready to score. */
export interface SasRecScorer {
  /** Whole catalogues [users, I] after each history; only its last `maxLength` items count. */
  readonly score: BatchScorer;
  release(): Promise<void>;
}

export function trainingPopularity(train: Sequences, items: number): Float32Array {
  return Float32Array.from(countCodes(train.items, items));
}

/** Loads the network. Errors: GRAPH_RUN. */
export async function sasRecScorer(model: SasRec, options: ProgramOptions = {}): Promise<SasRecScorer> {
  const scorer = await openScorer(model.shape, model.popularity, options);
  return { score: scorer.score(model.weights, model.inputs), release: scorer.release };
}

/** A scorer whose weights are given with each use. */
export async function openScorer(shape: SasRecShape, popularity: Float32Array, options: ProgramOptions) {
  const program = await compile({ scores: sasRecScores(shape) }, options);
  const scoreKnown = async (weights: NetworkWeights, inputs: ItemInputs, histories: readonly Int32Array[]) => {
    const recent = histories.map((history) => history.slice(-shape.maxLength));
    const { feeds, sizes } = packSequences(recent, shape.heads);
    const { scores } = await program.run({ ...weights, ...itemFeeds(inputs), ...feeds }, { ...sizes });
    return scores!;
  };
  const score =
    (weights: NetworkWeights, inputs: ItemInputs): BatchScorer =>
    async (_, histories) => {
      const known = histories.filter(({ length }) => length > 0);
      const scored = known.length === 0 ? new Float32Array(0) : await scoreKnown(weights, inputs, known);
      if (known.length === histories.length) return scored;
      const all = new Float32Array(histories.length * shape.items);
      let row = 0;
      histories.forEach(({ length }, i) => {
        const own = length === 0 ? popularity : scored.subarray(row * shape.items, (row + 1) * shape.items);
        all.set(own, i * shape.items);
        if (length > 0) row++;
      });
      return all;
    };
  return { score, release: () => program.release() };
}

export function itemFeeds({ features, shares }: ItemInputs): Record<string, Float32Array> {
  return { ...(features && { features: features.vectors }), ...(shares && { itemShares: shares }) };
}
