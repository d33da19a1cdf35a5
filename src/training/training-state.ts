import type { NetworkWeights } from './network-weights.js';

/**
 * All that training needs in order to go on bit for bit; written by `writeTrainingState`. Training overwrites its arrays,
 * except those of `best`.
 */
export interface TrainingState<Score, Line> {
  /** Updates done. */
  readonly step: number;
  /** What is learned, by name. */
  readonly weights: NetworkWeights;
  /** What training carries along beside them; see `Training.buffers`. */
  readonly buffers: NetworkWeights;
  /** AdamW's, one as long as each weight. */
  readonly firstMoments: NetworkWeights;
  readonly secondMoments: NetworkWeights;
  /** Losses of the updates since the last validation, summed, and how many they are. */
  readonly lossSum: number;
  readonly lossCount: number;
  /** Seconds and examples of training so far, validations not counted. */
  readonly trainingSeconds: number;
  readonly examples: number;
  readonly best: BestWeights<Score> | undefined;
  readonly validationsSinceBest: number;
  /** One line a validation. */
  readonly history: readonly Line[];
}

export interface BestWeights<Score> {
  readonly step: number;
  readonly validation: Score;
  readonly weights: NetworkWeights;
  readonly buffers: NetworkWeights;
}

/** A state before the first update. The weights and buffers are those given, not copies. */
export function startState<Score, Line>(weights: NetworkWeights, buffers: NetworkWeights): TrainingState<Score, Line> {
  const zeros = () => mapWeights(weights, ({ length }) => new Float32Array(length));
  return {
    ...{ step: 0, weights, buffers, firstMoments: zeros(), secondMoments: zeros() },
    ...{ lossSum: 0, lossCount: 0, trainingSeconds: 0, examples: 0 },
    ...{ best: undefined, validationsSinceBest: 0, history: [] },
  };
}

/** A state that training can overwrite. */
export function copyState<Score, Line>(state: TrainingState<Score, Line>): TrainingState<Score, Line> {
  const { weights, buffers, firstMoments, secondMoments } = state;
  return {
    ...state,
    weights: copyWeights(weights),
    buffers: copyWeights(buffers),
    firstMoments: copyWeights(firstMoments),
    secondMoments: copyWeights(secondMoments),
  };
}

export function copyWeights(weights: NetworkWeights): NetworkWeights {
  return mapWeights(weights, (weight) => weight.slice());
}

function mapWeights(weights: NetworkWeights, f: (weight: Float32Array) => Float32Array): NetworkWeights {
  return Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, f(weight)]));
}
