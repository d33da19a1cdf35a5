import { checkOptions } from '../check-options.js';
import { SoftpromptError } from '../errors.js';
import type { PromptNetwork } from '../network/prompt-network.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { adamWStart, adamWStep, clipGradient } from './adamw.js';
import { epochBatches } from './batches.js';
import { learningRateAt } from './schedule.js';
import { checkSettings, type TuningSettings } from './settings.js';
import type { HistoryLine, TuningState, Validation } from './training-state.js';

export interface TuningRun {
  readonly network: Pick<PromptNetwork, 'lossAndGradient' | 'prepareTraining'>;
  readonly train: readonly PromptSequence[];
  /** [P, d] where the prompt starts; unused when a state is given. */
  readonly initial: Float32Array;
  readonly settings: TuningSettings;
  /** How good a prompt is on the validation data; the run keeps the best. May throw when the signal aborts. */
  readonly validate: (prompt: Float32Array) => Promise<Validation>;
  /** Continue from here instead of starting. */
  readonly state?: TuningState | undefined;
  /**
   * Called after each validation, every ten seconds, and when interrupted: keep the state where a killed process does not
   * lose it.
   */
  readonly save?: ((state: TuningState) => Promise<void>) | undefined;
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

export interface TuningOutcome {
  readonly state: TuningState;
  readonly ended: 'finished' | 'early' | 'interrupted';
}

const SAVE_EVERY_MS = 10_000;

/** Learns the prompt: AdamW on the prompt alone, the best one by validation kept. */
export async function tune(run: TuningRun): Promise<TuningOutcome> {
  const { settings, train } = run;
  checkSettings(settings);
  checkOptions([['train', 'empty', train.length > 0, 'at least one example']], 'TUNING_SETTING');
  const lengths = train.map(sequenceLength);
  const batchesAnEpoch = Math.ceil(train.length / settings.batchSize);
  let state = run.state ?? startState(run.initial);
  let batches: { readonly epoch: number; readonly list: number[][] } | undefined;

  await run.network.prepareTraining(train.slice(0, settings.batchSize));
  let saved = performance.now();
  const save = async () => {
    await run.save?.(state);
    saved = performance.now();
  };

  for (;;) {
    if (validationIsDue(state, settings)) {
      try {
        state = await validated(state, run);
      } catch (error) {
        if (!run.signal?.aborted) throw error;
        await save();
        return { state, ended: 'interrupted' };
      }
      await save();
    }
    if (state.step === settings.steps) return { state, ended: 'finished' };
    if (state.validationsSinceBest >= settings.patience) return { state, ended: 'early' };
    if (run.signal?.aborted || state.step === run.pauseAt) {
      await save();
      return { state, ended: 'interrupted' };
    }
    const epoch = Math.floor(state.step / batchesAnEpoch);
    if (batches?.epoch !== epoch) {
      batches = { epoch, list: epochBatches(lengths, settings.batchSize, settings.seed, epoch) };
    }
    const batch = batches.list[state.step % batchesAnEpoch]!.map((i) => train[i]!);
    state = await update(state, batch, run);
    if (performance.now() - saved > SAVE_EVERY_MS) await save();
  }
}

/** Rows that a sequence costs: its context and its candidates' tokens. */
function sequenceLength({ context, candidates }: PromptSequence): number {
  return context.length + candidates.reduce((sum, candidate) => sum + candidate.length - 1, 0);
}

function startState(initial: Float32Array): TuningState {
  return {
    step: 0,
    prompt: initial,
    optimizer: adamWStart(initial.length),
    best: undefined,
    validationsSinceBest: 0,
    lossSum: 0,
    lossCount: 0,
    trainingSeconds: 0,
    examples: 0,
    history: [],
  };
}

function validationIsDue({ step, history }: TuningState, { steps, evaluateEvery }: TuningSettings): boolean {
  return step > 0 && (step % evaluateEvery === 0 || step === steps) && history.at(-1)?.step !== step;
}

async function update(state: TuningState, batch: readonly PromptSequence[], run: TuningRun): Promise<TuningState> {
  const { settings, network } = run;
  const started = performance.now();
  const { loss, gradient } = await accumulated(network, state.prompt, batch, settings.accumulation);
  const clipped = clipGradient(gradient, settings.clipNorm);
  const learningRate = learningRateAt(state.step, settings.steps, settings);
  const stepped = adamWStep(state.prompt, clipped.gradient, state.optimizer, learningRate, settings);
  if (!Number.isFinite(loss) || !stepped.parameters.every(Number.isFinite)) {
    throw new SoftpromptError('TUNING_NOT_FINITE', {
      found: `The loss of update ${state.step + 1} is ${loss}, its gradient's norm ${clipped.norm}, the rate ${learningRate}`,
      expected: 'finite numbers, before the update and after it',
      fix: 'Lower the learning rate (--lr) or clip the gradient (--clip 1); the last saved state is untouched.',
    });
  }
  const next: TuningState = {
    ...state,
    step: state.step + 1,
    prompt: stepped.parameters,
    optimizer: stepped.state,
    lossSum: state.lossSum + loss,
    lossCount: state.lossCount + 1,
    trainingSeconds: state.trainingSeconds + (performance.now() - started) / 1000,
    examples: state.examples + batch.length,
  };
  run.onStep?.({
    step: next.step,
    steps: settings.steps,
    loss,
    learningRate,
    examplesPerSecond: next.examples / next.trainingSeconds,
  });
  return next;
}

/** The batch's loss and gradient, computed in pieces. */
async function accumulated(
  network: Pick<PromptNetwork, 'lossAndGradient'>,
  prompt: Float32Array,
  batch: readonly PromptSequence[],
  pieces: number,
): Promise<{ readonly loss: number; readonly gradient: Float32Array }> {
  const size = Math.ceil(batch.length / pieces);
  const gradient = new Float32Array(prompt.length);
  let loss = 0;
  for (let start = 0; start < batch.length; start += size) {
    const part = await network.lossAndGradient(prompt, batch.slice(start, start + size), 1 / batch.length);
    loss += part.loss;
    for (let i = 0; i < gradient.length; i++) gradient[i]! += part.gradient[i]!;
  }
  return { loss, gradient };
}

async function validated(state: TuningState, run: TuningRun): Promise<TuningState> {
  const validation = await run.validate(state.prompt);
  const isBest = state.best === undefined || isBetter(validation, state.best.validation);
  const line: HistoryLine = {
    step: state.step,
    epoch: (state.step * run.settings.batchSize) / run.train.length,
    trainLoss: state.lossSum / state.lossCount,
    ...validation,
    learningRate: learningRateAt(state.step - 1, run.settings.steps, run.settings),
    examplesPerSecond: state.examples / state.trainingSeconds,
    best: isBest,
  };
  run.onValidation?.(line);
  return {
    ...state,
    best: isBest ? { step: state.step, validation, prompt: state.prompt } : state.best,
    validationsSinceBest: isBest ? 0 : state.validationsSinceBest + 1,
    lossSum: 0,
    lossCount: 0,
    history: [...state.history, line],
  };
}

/** Higher accuracy first; between equals the lower loss. */
export function isBetter(a: Validation, b: Validation): boolean {
  return a.accuracy > b.accuracy || (a.accuracy === b.accuracy && a.loss < b.loss);
}
