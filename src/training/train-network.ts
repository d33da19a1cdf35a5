import { z } from 'zod';
import type { Random } from '../random.js';
import type { AdamWSettings } from './adamw.js';
import type { NetworkWeights } from './network-weights.js';
import type { ScheduleSettings } from './schedule.js';
import { readTrainingState } from './state-file.js';
import { type BatchGradients, type Training, type TrainingOutcome, train } from './trainer.js';
import type { TrainingState } from './training-state.js';

export interface NetworkSettings extends AdamWSettings, ScheduleSettings {
  /** Passes over the training data at most. */
  readonly epochs: number;
  /** Longest gradient, Euclidean, over all weights together; Infinity for no clipping. */
  readonly clipNorm: number;
  /** Epochs without a new best after which training stops; Infinity for never. */
  readonly patience: number;
  readonly seed: number;
}

/** What was seen at the end of an epoch. */
export interface EpochLine {
  /** Epochs done. */
  readonly epoch: number;
  /** Mean loss of the epoch's batches. */
  readonly trainLoss: number;
  /** Higher is better; missing where nothing is validated. */
  readonly validation?: number;
  readonly best: boolean;
}

/** Its history has a line for each epoch. */
export type NetworkState = TrainingState<number, EpochLine>;

export type NetworkOutcome = TrainingOutcome<number, EpochLine>;

/** What the trainer is told of a network, beside what follows from its epochs. */
export interface NetworkTraining<Batch>
  extends Pick<
    Training<number, EpochLine>,
    'initial' | 'buffers' | 'decays' | 'validate' | 'state' | 'save' | 'signal'
  > {
  readonly settings: NetworkSettings;
  /** The batches of an epoch, equally many in each; the same whenever it is asked. */
  readonly batches: (epoch: number) => readonly Batch[];
  /** See `Training.lossAndGradients`. */
  readonly lossAndGradients: (
    weights: NetworkWeights,
    batch: Batch,
    random: Random,
    buffers: NetworkWeights,
  ) => Promise<BatchGradients>;
  /** Epochs after which training ends, though the schedule of the rate goes on. Default: all of the settings. */
  readonly stopAfter?: number | undefined;
  /** After each update; the loss is that of its batch. */
  readonly onUpdate?: ((step: number, loss: number) => void) | undefined;
  /** `seconds` of training in this epoch since it began or was resumed, validation not counted. */
  readonly onEpoch?: ((line: EpochLine, seconds: number) => void) | undefined;
}

/**
 * Trains all weights of a small network in epochs, each of them validated, the best ones kept. A resumed run continues bit
 * for bit.
 * @throws TUNING_NOT_FINITE
 */
export async function trainNetwork<Batch>(training: NetworkTraining<Batch>): Promise<NetworkOutcome> {
  const { settings, initial, buffers, decays, validate, state, save, signal, stopAfter } = training;
  let known = { epoch: 0, list: training.batches(0) };
  const { length } = known.list;
  const batchOf = (step: number): Batch => {
    const epoch = Math.floor(step / length);
    if (known.epoch !== epoch) known = { epoch, list: training.batches(epoch) };
    return known.list[step % length]!;
  };
  let seconds = 0; // of the running epoch
  return train<number, EpochLine>({
    ...{ initial, buffers, decays, validate, state, save, signal },
    settings: { ...settings, steps: settings.epochs * length, evaluateEvery: length },
    clipping: 'float64',
    lossAndGradients: (weights, step, random, now) => training.lossAndGradients(weights, batchOf(step), random, now),
    isBetter: (a, b) => a > b,
    line: ({ state: { step, lossSum, lossCount }, validation, best }) => ({
      epoch: step / length,
      trainLoss: lossSum / lossCount,
      ...(validation !== undefined && { validation }),
      best,
    }),
    stopAt: stopAfter === undefined ? undefined : stopAfter * length,
    onUpdate: (update) => {
      seconds += update.seconds;
      training.onUpdate?.(update.state.step, update.loss);
    },
    onValidation: (line) => {
      training.onEpoch?.(line, seconds);
      seconds = 0;
    },
  });
}

/** The epoch after which the weights were best. */
export function bestEpoch({ history }: NetworkState): number | undefined {
  return history.findLast(({ best }) => best)?.epoch;
}

const line: z.ZodType<EpochLine> = z.object({
  epoch: z.int().nonnegative(),
  trainLoss: z.number(),
  validation: z.number().exactOptional(),
  best: z.boolean(),
});

/** Reads a network's state as `writeTrainingState` wrote it. Errors: STATE_UNREADABLE. */
export const readNetworkState = (path: string) => readTrainingState(path, { score: z.number(), line });
