import { checkOptions } from '../check-options.js';
import { isBetter } from '../evaluation/judgement.js';
import type { PromptNetwork } from '../network/prompt-network.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { epochBatches } from './batches.js';
import { overfits } from './overfitting.js';
import { cutEvenly, dropouts, type LossAndGradient, type PieceGradients, piecesHere, sumOfPieces } from './pieces.js';
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
  /** Who else may compute the pieces of `settings.pieces`. @param here computes them in this process */
  readonly pieces?: ((here: PieceGradients, train: readonly PromptSequence[]) => PieceGradients) | undefined;
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
  const gradientOf = settings.pieces === undefined ? inOneProcess(run) : inPieces(run, settings.pieces);
  await network.prepareTraining(train.slice(0, settings.batchSize));
  return trainArrays<Validation, HistoryLine>({
    initial: () => ({ prompt: run.initial.slice() }),
    settings,
    clipping: 'float32',
    lossAndGradients: async ({ prompt }, step) => {
      const before = run.keepNear && prompt!.slice();
      run.keepNear?.(prompt!);
      const rows = batchOf(step);
      try {
        const { loss, gradient } = await gradientOf(prompt!, rows, step);
        return { loss, gradients: { prompt: gradient }, examples: rows.length };
      } catch (error) {
        if (before) prompt!.set(before); // an update that the signal ended is made anew from where it began
        throw error;
      }
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

/** The rows of an update's batch, 0 is the first. */
function batches(train: readonly PromptSequence[], { batchSize, seed }: TuningSettings) {
  const lengths = train.map(sequenceLength);
  const batchesAnEpoch = Math.ceil(train.length / batchSize);
  let known: { readonly epoch: number; readonly list: number[][] } | undefined;
  return (step: number): number[] => {
    const epoch = Math.floor(step / batchesAnEpoch);
    if (known?.epoch !== epoch) known = { epoch, list: epochBatches(lengths, batchSize, seed, epoch) };
    return known.list[step % batchesAnEpoch]!;
  };
}

/** Rows that a sequence costs: its context and its candidates' tokens. */
function sequenceLength({ context, candidates }: PromptSequence): number {
  return context.length + candidates.reduce((sum, candidate) => sum + candidate.length - 1, 0);
}

/** The loss and gradient of a batch. */
type BatchGradient = (prompt: Float32Array, rows: readonly number[], step: number) => Promise<LossAndGradient>;

/** In so many pieces of which others may compute some. */
function inPieces({ network, train, settings, pieces: elsewhere }: TuningRun, count: number): BatchGradient {
  const here = piecesHere(network, train, settings.seed);
  const gradients = elsewhere?.(here, train) ?? here;
  return async (prompt, rows, step) => {
    const update = { step, pieces: cutEvenly(rows, count), exampleWeight: 1 / rows.length };
    return sumOfPieces(await gradients(prompt, update), prompt.length);
  };
}

/** With `accumulation` in parts, to save memory. */
function inOneProcess({ network, train, settings: { accumulation, seed } }: TuningRun): BatchGradient {
  const masksOf = dropouts(network.dropout ?? 0, seed);
  return async (prompt, rows, step) => {
    const batch = rows.map((row) => train[row]!);
    const size = Math.ceil(batch.length / accumulation);
    const masks = masksOf(step);
    const parts: LossAndGradient[] = [];
    for (let start = 0; start < batch.length; start += size)
      parts.push(await network.lossAndGradient(prompt, batch.slice(start, start + size), 1 / batch.length, masks));
    return sumOfPieces(parts, prompt.length);
  };
}
