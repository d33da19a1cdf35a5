import { SoftpromptError } from '../errors.js';
import { Random } from '../random.js';
import { type AdamWSettings, adamWInPlace } from './adamw.js';
import type { NetworkWeights } from './network-weights.js';
import { gradientValues, lazyAdamWInPlace, type WeightGradient } from './row-gradient.js';
import { learningRateAt, type ScheduleSettings } from './schedule.js';

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

/** All that training needs in order to go on bit for bit. Training overwrites its arrays, except those of `best`. */
export interface NetworkState {
  /** Epochs done, and batches of the one that runs. */
  readonly epoch: number;
  readonly batch: number;
  /** Updates done. */
  readonly step: number;
  readonly weights: NetworkWeights;
  /** What training carries along beside its weights; see `NetworkTraining.buffers`. */
  readonly buffers: NetworkWeights;
  readonly firstMoments: NetworkWeights;
  readonly secondMoments: NetworkWeights;
  /** Losses of the running epoch's batches, summed. */
  readonly lossSum: number;
  readonly best: BestWeights | undefined;
  readonly history: readonly EpochLine[];
}

export interface BestWeights {
  readonly epoch: number;
  readonly validation: number;
  readonly weights: NetworkWeights;
  readonly buffers: NetworkWeights;
}

export interface NetworkTraining<Batch> {
  /** Makes the weights that training starts from, which it overwrites; not called when a state is given. */
  readonly initial: () => NetworkWeights;
  /** Arrays that no gradient updates, but the functions below may overwrite, such as tables that are renewed at times. */
  readonly buffers?: NetworkWeights | undefined;
  readonly settings: NetworkSettings;
  /** Which weights weight decay acts on; default: all. */
  readonly decays?: ((name: string) => boolean) | undefined;
  /** The batches of an epoch, equally many in each; the same whenever it is asked. */
  readonly batches: (epoch: number) => readonly Batch[];
  /**
   * A batch's loss and ∂loss/∂weight by name; a weight whose gradient is that of some rows is updated by lazy AdamW.
   * `random` is a stream of its own for each update.
   */
  readonly lossAndGradients: (
    weights: NetworkWeights,
    batch: Batch,
    random: Random,
    buffers: NetworkWeights,
  ) => Promise<{ readonly loss: number; readonly gradients: Readonly<Record<string, WeightGradient>> }>;
  /** Epochs after which training ends, though the schedule of the rate goes on. Default: all of the settings. */
  readonly stopAfter?: number | undefined;
  /** How good the weights are, after each epoch; higher is better. undefined: not measured, and no weights are the best. */
  readonly validate: (weights: NetworkWeights, buffers: NetworkWeights) => Promise<number | undefined>;
  /** Continue from here. */
  readonly state?: NetworkState | undefined;
  /** Called after each epoch and when interrupted: keep the state. It is overwritten after the promise resolves. */
  readonly save?: ((state: NetworkState) => Promise<void>) | undefined;
  /** After each update; the loss is that of its batch. */
  readonly onUpdate?: ((step: number, loss: number) => void) | undefined;
  /** `seconds` of training in this epoch since it began or was resumed, validation not counted. */
  readonly onEpoch?: ((line: EpochLine, seconds: number) => void) | undefined;
  /** Stops after the running update; the state is saved. */
  readonly signal?: AbortSignal | undefined;
}

export interface NetworkOutcome {
  readonly state: NetworkState;
  readonly ended: 'finished' | 'early' | 'interrupted';
}

/**
 * Trains all weights of a small network with AdamW, the best ones by validation kept. A resumed run continues bit for bit.
 * @throws TUNING_NOT_FINITE
 */
export async function trainNetwork<Batch>(training: NetworkTraining<Batch>): Promise<NetworkOutcome> {
  const { settings, save, signal } = training;
  let state = training.state === undefined ? startState(training) : copyState(training.state);
  let list = training.batches(state.epoch);
  const steps = settings.epochs * list.length;
  const last = Math.min(settings.epochs, training.stopAfter ?? Infinity);
  for (;;) {
    const started = performance.now();
    if (state.epoch === last) return { state, ended: 'finished' };
    if (state.epoch - (state.best?.epoch ?? 0) >= settings.patience) return { state, ended: 'early' };
    while (state.batch < list.length) {
      if (signal?.aborted) {
        await save?.(state);
        return { state, ended: 'interrupted' };
      }
      state = await update(state, list[state.batch]!, steps, training);
    }
    const seconds = (performance.now() - started) / 1000;
    state = await validated(state, list.length, seconds, training);
    await save?.(state);
    if (state.epoch < last) list = training.batches(state.epoch);
  }
}

async function update<Batch>(
  state: NetworkState,
  batch: Batch,
  steps: number,
  { settings, decays = () => true, lossAndGradients, onUpdate }: NetworkTraining<Batch>,
): Promise<NetworkState> {
  const random = new Random(Math.imul(settings.seed + 1, 0x85ebca6b) + state.step);
  const { loss, gradients } = await lossAndGradients(state.weights, batch, random, state.buffers);
  const norm = Math.sqrt(
    Object.values(gradients).reduce((sum, gradient) => sum + squares(gradientValues(gradient)), 0),
  );
  const learningRate = learningRateAt(state.step, steps, settings);
  const step = state.step + 1;
  if (!Number.isFinite(loss) || !Number.isFinite(norm)) {
    throw new SoftpromptError('TUNING_NOT_FINITE', {
      found: `The loss of update ${step} is ${loss}, its gradient's norm ${norm}, the rate ${learningRate}`,
      expected: 'finite numbers',
      fix: 'Lower the learning rate (--lr); the last saved state is untouched.',
    });
  }
  const gradientScale = norm > settings.clipNorm ? settings.clipNorm / norm : 1;
  for (const [name, weight] of Object.entries(state.weights)) {
    const moments = { first: state.firstMoments[name]!, second: state.secondMoments[name]! };
    const decayed = decays(name) ? settings : { ...settings, weightDecay: 0 };
    const gradient = gradients[name]!;
    if (gradient instanceof Float32Array) {
      adamWInPlace(weight, gradient, moments, gradientScale, step, learningRate, decayed);
    } else lazyAdamWInPlace(weight, gradient, moments, gradientScale, step, learningRate, decayed);
  }
  onUpdate?.(step, loss);
  return { ...state, step, batch: state.batch + 1, lossSum: state.lossSum + loss };
}

async function validated<Batch>(
  state: NetworkState,
  batches: number,
  seconds: number,
  { validate, onEpoch }: NetworkTraining<Batch>,
): Promise<NetworkState> {
  const epoch = state.epoch + 1;
  const validation = await validate(state.weights, state.buffers);
  const best = validation !== undefined && (state.best === undefined || validation > state.best.validation);
  const line: EpochLine = {
    epoch,
    trainLoss: state.lossSum / batches,
    ...(validation !== undefined && { validation }),
    best,
  };
  onEpoch?.(line, seconds);
  return {
    ...state,
    epoch,
    batch: 0,
    lossSum: 0,
    best: best
      ? { epoch, validation, weights: copyWeights(state.weights), buffers: copyWeights(state.buffers) }
      : state.best,
    history: [...state.history, line],
  };
}

function startState<Batch>({ initial, buffers = {} }: NetworkTraining<Batch>): NetworkState {
  const weights = initial();
  return {
    epoch: 0,
    batch: 0,
    step: 0,
    weights,
    buffers: copyWeights(buffers),
    firstMoments: mapWeights(weights, ({ length }) => new Float32Array(length)),
    secondMoments: mapWeights(weights, ({ length }) => new Float32Array(length)),
    lossSum: 0,
    best: undefined,
    history: [],
  };
}

function copyState(state: NetworkState): NetworkState {
  const { weights, buffers, firstMoments, secondMoments } = state;
  return {
    ...state,
    weights: copyWeights(weights),
    buffers: copyWeights(buffers),
    firstMoments: copyWeights(firstMoments),
    secondMoments: copyWeights(secondMoments),
  };
}

function copyWeights(weights: NetworkWeights): NetworkWeights {
  return mapWeights(weights, (weight) => weight.slice());
}

function mapWeights(weights: NetworkWeights, f: (weight: Float32Array) => Float32Array): NetworkWeights {
  return Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, f(weight)]));
}

function squares(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}
