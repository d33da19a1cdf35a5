import { checkOptions } from '../check-options.js';
import { isBetter } from '../evaluation/judgement.js';
import type { PromptNetwork } from '../network/prompt-network.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { Random } from '../random.js';
import { epochBatches } from './batches.js';
import { dropoutMasks } from './dropout-masks.js';
import { overfits } from './overfitting.js';
import { learningRateAt } from './schedule.js';
import { checkSettings, type TuningSettings } from './settings.js';
import { type TrainingOutcome, train as trainArrays } from './trainer.js';
import type { HistoryLine, TuningState, Validation } from './tuning-state.js';

export interface TuningRun {
  readonly network: Pick<PromptNetwork, 'lossAndGradient' | 'prepareTraining' | 'dropout'>;
  readonly train: readonly PromptSequence[];
  /** [P, d] where the prompt starts; unused when a state is given. */
  readonly initial: Float32Array;
  readonly settings: TuningSettings;
  /**
   * How good a prompt is on the validation data; the run keeps the best. The array is overwritten by the next update. May
   * throw when the signal aborts.
   */
  readonly validate: (prompt: Float32Array) => Promise<Validation>;
  /** Which of two validations is the better one. Default: `isBetter`. */
  readonly isBetter?: ((a: Validation, b: Validation) => boolean) | undefined;
  /** Brings a prompt, in place, to where it may be: before each use of it. */
  readonly keepNear?: ((prompt: Float32Array) => void) | undefined;
  /** Continue from here instead of starting. */
  readonly state?: TuningState | undefined;
  /**
   * Called after each validation, every ten seconds, and when interrupted: keep the state where a killed process does not
   * lose it. It is overwritten after the promise resolves.
   */
  readonly save?: ((state: TuningState) => Promise<void>) | undefined;
  /** Updates after which it ends, though the schedule of the rate goes on. */
  readonly stopAt?: number | undefined;
  /** Ends where `overfits` says so. */
  readonly watchesOverfitting?: boolean | undefined;
  readonly onStep?: ((progress: StepProgress) => void) | undefined;
  readonly onValidation?: ((line: HistoryLine) => void) | undefined;
  /** Stops after the running update; the state is saved. */
  readonly signal?: AbortSignal | undefined;
  /** Stop (as if interrupted) once this many updates are done: for searches that look at many runs a little. */
  readonly pauseAt?: number | undefined;
}

export interface StepProgress {
  /** Updates done, and in all. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly learningRate: number;
  /** Examples a second of training, validations not counted. */
  readonly examplesPerSecond: number;
}

export type TuningOutcome = TrainingOutcome<Validation, HistoryLine>;

const SAVE_EVERY_SECONDS = 10;

/** Learns the prompt: AdamW on the prompt alone, the best one by validation kept. */
export async function tune(run: TuningRun): Promise<TuningOutcome> {
  const { settings, train, network } = run;
  checkSettings(settings);
  checkOptions([['train', 'empty', train.length > 0, 'at least one example']], 'TUNING_SETTING');
  const batchOf = batches(train, settings);
  const masksOf = dropouts(network.dropout ?? 0, settings.seed);
  await network.prepareTraining(train.slice(0, settings.batchSize));
  return trainArrays<Validation, HistoryLine>({
    initial: () => ({ prompt: run.initial.slice() }),
    settings,
    clipping: 'float32',
    lossAndGradients: async ({ prompt }, step) => {
      run.keepNear?.(prompt!);
      const batch = batchOf(step);
      const { loss, gradient } = await accumulated(network, prompt!, batch, settings.accumulation, masksOf(step));
      return { loss, gradients: { prompt: gradient }, examples: batch.length };
    },
    validate: ({ prompt }) => {
      run.keepNear?.(prompt!);
      return run.validate(prompt!);
    },
    isBetter: run.isBetter ?? isBetter,
    line: ({ state, validation, best }) => ({
      step: state.step,
      epoch: (state.step * settings.batchSize) / train.length,
      trainLoss: state.lossSum / state.lossCount,
      ...validation!,
      learningRate: learningRateAt(state.step - 1, settings.steps, settings),
      examplesPerSecond: state.examples / state.trainingSeconds,
      best,
    }),
    pauseAt: run.pauseAt,
    stopAt: run.stopAt,
    endsEarly: run.watchesOverfitting ? ({ history }) => overfits(history) : undefined,
    state: run.state,
    save: run.save,
    saveEverySeconds: SAVE_EVERY_SECONDS,
    onUpdate: ({ state: { step, examples, trainingSeconds }, loss, learningRate }) =>
      run.onStep?.({
        ...{ step, steps: settings.steps, loss, learningRate },
        examplesPerSecond: examples / trainingSeconds,
      }),
    onValidation: run.onValidation,
    signal: run.signal,
  });
}

/** The batch of an update, 0 is the first. */
function batches(train: readonly PromptSequence[], { batchSize, seed }: TuningSettings) {
  const lengths = train.map(sequenceLength);
  const batchesAnEpoch = Math.ceil(train.length / batchSize);
  let known: { readonly epoch: number; readonly list: number[][] } | undefined;
  return (step: number): PromptSequence[] => {
    const epoch = Math.floor(step / batchesAnEpoch);
    if (known?.epoch !== epoch) known = { epoch, list: epochBatches(lengths, batchSize, seed, epoch) };
    return known.list[step % batchesAnEpoch]!.map((i) => train[i]!);
  };
}

/** Rows that a sequence costs: its context and its candidates' tokens. */
function sequenceLength({ context, candidates }: PromptSequence): number {
  return context.length + candidates.reduce((sum, candidate) => sum + candidate.length - 1, 0);
}

/** What draws the masks of an update, the same however often a run was interrupted. */
function dropouts(rate: number, seed: number) {
  let masks = dropoutMasks(rate, 1, seed);
  let longest = 1;
  return (step: number) => {
    if (rate === 0) return undefined;
    const random = new Random(Math.imul(seed + 1, 0x9e3779b1) ^ (step + 1));
    return (length: number) => {
      if (length > longest) {
        longest = 2 * length;
        masks = dropoutMasks(rate, longest, seed); // the same coins, and more of them
      }
      return masks.draw(length, random);
    };
  };
}

/** The batch's loss and gradient, computed in pieces. */
async function accumulated(
  network: Pick<PromptNetwork, 'lossAndGradient'>,
  prompt: Float32Array,
  batch: readonly PromptSequence[],
  pieces: number,
  masks: ((length: number) => Float32Array) | undefined,
): Promise<{ readonly loss: number; readonly gradient: Float32Array }> {
  const size = Math.ceil(batch.length / pieces);
  const gradient = new Float32Array(prompt.length);
  let loss = 0;
  for (let start = 0; start < batch.length; start += size) {
    const part = await network.lossAndGradient(prompt, batch.slice(start, start + size), 1 / batch.length, masks);
    loss += part.loss;
    for (let i = 0; i < gradient.length; i++) gradient[i]! += part.gradient[i]!;
  }
  return { loss, gradient };
}
