import { SoftpromptError } from '../errors.js';
import { Random } from '../random.js';
import { type AdamWSettings, adamWInPlace } from './adamw.js';
import type { NetworkWeights } from './network-weights.js';
import { clipGradients, lazyAdamWInPlace, type WeightGradient } from './row-gradient.js';
import { learningRateAt, type ScheduleSettings } from './schedule.js';
import { copyState, copyWeights, startState, type TrainingState } from './training-state.js';

export interface TrainerSettings extends AdamWSettings, ScheduleSettings {
  /** Updates in all, along which the rate moves. */
  readonly steps: number;
  /** Updates between two validations. */
  readonly evaluateEvery: number;
  /** Longest gradient, Euclidean, over all weights together; Infinity for no clipping. */
  readonly clipNorm: number;
  /** Validations without a new best after which training stops; Infinity for never. */
  readonly patience: number;
  readonly seed: number;
}

/** What a batch says of the weights. */
export interface BatchGradients {
  readonly loss: number;
  /** ∂loss/∂weight by name; a weight whose gradient is that of some rows is updated by lazy AdamW. */
  readonly gradients: Readonly<Record<string, WeightGradient>>;
  /** Examples in the batch, where they are counted. */
  readonly examples?: number;
}

/** What is trained, and how: a prompt is one named array, a network or a language model many. */
export interface Training<Score, Line> {
  /** Makes the weights that training starts from, which it overwrites; not called when a state is given. */
  readonly initial: () => NetworkWeights;
  /** Arrays that no gradient updates, but the functions below may overwrite, such as tables that are renewed at times. */
  readonly buffers?: NetworkWeights | undefined;
  readonly settings: TrainerSettings;
  /** Whether a clipped gradient is rounded to float32 before the update, or stays float64 until the moments. */
  readonly clipping: 'float32' | 'float64';
  /** Which weights weight decay acts on; default: all. */
  readonly decays?: ((name: string) => boolean) | undefined;
  /**
   * Of the batch of update `step`, 0 is the first: the same batch whenever it is asked. `random` is a stream of its own
   * for each update.
   */
  readonly lossAndGradients: (
    weights: NetworkWeights,
    step: number,
    random: Random,
    buffers: NetworkWeights,
  ) => Promise<BatchGradients>;
  /**
   * How good the weights are; undefined: not measured, and no weights are the best. May throw when the signal aborts: the
   * validation is then made when training goes on.
   */
  readonly validate: (weights: NetworkWeights, buffers: NetworkWeights) => Promise<Score | undefined>;
  readonly isBetter: (a: Score, b: Score) => boolean;
  /** What the history keeps of a validation. `state` is that before it: its `lossSum` and `lossCount` are those since the last. */
  readonly line: (seen: {
    readonly state: TrainingState<Score, Line>;
    readonly validation: Score | undefined;
    readonly best: boolean;
  }) => Line;
  /** Updates after which training ends, though the schedule of the rate goes on. Default: all. */
  readonly stopAt?: number | undefined;
  /** Whether to end after a validation, whatever the patience. */
  readonly endsEarly?: ((state: TrainingState<Score, Line>) => boolean) | undefined;
  /** Stop (as if interrupted) once this many updates are done: for searches that look at many runs a little. */
  readonly pauseAt?: number | undefined;
  /** Continue from here; it stays as it is. */
  readonly state?: TrainingState<Score, Line> | undefined;
  /**
   * Called after each validation, when interrupted, and `saveEverySeconds` after the last time (default: not), or later where
   * saving would take more than a twentieth of the time: keep the state. It is overwritten after the promise resolves.
   */
  readonly save?: ((state: TrainingState<Score, Line>) => Promise<void>) | undefined;
  readonly saveEverySeconds?: number | undefined;
  readonly onUpdate?: ((update: DoneUpdate<Score, Line>) => void) | undefined;
  readonly onValidation?: ((line: Line) => void) | undefined;
  /** Stops after the running update; the state is saved. */
  readonly signal?: AbortSignal | undefined;
}

export interface DoneUpdate<Score, Line> {
  /** After the update. */
  readonly state: TrainingState<Score, Line>;
  /** Of its batch. */
  readonly loss: number;
  readonly learningRate: number;
  readonly seconds: number;
}

export interface TrainingOutcome<Score, Line> {
  readonly state: TrainingState<Score, Line>;
  readonly ended: 'finished' | 'early' | 'interrupted';
}

/** Of the time, between validations. */
const SAVING_SHARE = 0.05;

/**
 * Learns named arrays by AdamW, the best ones by validation kept. A resumed training continues bit for bit.
 * @throws TUNING_NOT_FINITE
 */
export async function train<Score, Line>(training: Training<Score, Line>): Promise<TrainingOutcome<Score, Line>> {
  const { settings, signal, saveEverySeconds = Infinity } = training;
  const last = Math.min(settings.steps, training.stopAt ?? Infinity);
  let state = training.state
    ? copyState(training.state)
    : startState<Score, Line>(training.initial(), copyWeights(training.buffers ?? {}));
  let saveAt = performance.now() + 1000 * saveEverySeconds;
  const save = async () => {
    const began = performance.now();
    await training.save?.(state);
    const ended = performance.now();
    saveAt = ended + Math.max(1000 * saveEverySeconds, (ended - began) / SAVING_SHARE);
  };
  for (;;) {
    const validationIsDue = state.lossCount > 0 && (state.step % settings.evaluateEvery === 0 || state.step === last);
    if (validationIsDue) {
      try {
        state = await validated(state, training);
      } catch (error) {
        if (!signal?.aborted) throw error;
        await save();
        return { state, ended: 'interrupted' };
      }
      await save();
    }
    if (state.step >= last) return { state, ended: 'finished' };
    if (state.validationsSinceBest >= settings.patience || (state.lossCount === 0 && training.endsEarly?.(state)))
      return { state, ended: 'early' };
    if (signal?.aborted || state.step === training.pauseAt) {
      await save();
      return { state, ended: 'interrupted' };
    }
    try {
      state = await updated(state, training);
    } catch (error) {
      // whoever waits for others need not wait to the end of the update
      if (!signal?.aborted || error !== signal.reason) throw error;
      await save();
      return { state, ended: 'interrupted' };
    }
    if (performance.now() > saveAt) await save();
  }
}

/** The state after one more update, in the same arrays. */
async function updated<Score, Line>(
  state: TrainingState<Score, Line>,
  training: Training<Score, Line>,
): Promise<TrainingState<Score, Line>> {
  const { settings, decays = () => true } = training;
  const started = performance.now();
  const random = new Random(Math.imul(settings.seed + 1, 0x85ebca6b) + state.step);
  const batch = await training.lossAndGradients(state.weights, state.step, random, state.buffers);
  const { norm, scale } = clipGradients(batch.gradients, settings.clipNorm, training.clipping);
  const learningRate = learningRateAt(state.step, settings.steps, settings);
  const step = state.step + 1;
  let finite = Number.isFinite(batch.loss) && Number.isFinite(norm);
  for (const [name, weight] of Object.entries(finite ? state.weights : {})) {
    const moments = { first: state.firstMoments[name]!, second: state.secondMoments[name]! };
    const decayed = decays(name) ? settings : { ...settings, weightDecay: 0 };
    const gradient = batch.gradients[name]!;
    finite =
      (gradient instanceof Float32Array
        ? adamWInPlace(weight, gradient, moments, scale, step, learningRate, decayed)
        : lazyAdamWInPlace(weight, gradient, moments, scale, step, learningRate, decayed)) && finite;
  }
  if (!finite) {
    throw new SoftpromptError('TUNING_NOT_FINITE', {
      found: `The loss of update ${step} is ${batch.loss}, its gradient's norm ${norm}, the rate ${learningRate}`,
      expected: 'finite numbers, before the update and after it',
      fix: 'Lower the learning rate (--lr); the last saved state is untouched.',
    });
  }
  const seconds = (performance.now() - started) / 1000;
  const next: TrainingState<Score, Line> = {
    ...state,
    step,
    lossSum: state.lossSum + batch.loss,
    lossCount: state.lossCount + 1,
    trainingSeconds: state.trainingSeconds + seconds,
    examples: state.examples + (batch.examples ?? 0),
  };
  training.onUpdate?.({ state: next, loss: batch.loss, learningRate, seconds });
  return next;
}

async function validated<Score, Line>(
  state: TrainingState<Score, Line>,
  { validate, isBetter, line, onValidation }: Training<Score, Line>,
): Promise<TrainingState<Score, Line>> {
  const { step, weights, buffers } = state;
  const validation = await validate(weights, buffers);
  const best = validation !== undefined && (!state.best || isBetter(validation, state.best.validation));
  const seen = line({ state, validation, best });
  onValidation?.(seen);
  return {
    ...state,
    ...{ lossSum: 0, lossCount: 0, history: [...state.history, seen] },
    best: best ? { step, validation, weights: copyWeights(weights), buffers: copyWeights(buffers) } : state.best,
    validationsSinceBest: best ? 0 : state.validationsSinceBest + 1,
  };
}
