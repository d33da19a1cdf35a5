import type { PromptSequence } from '../prompt/sequence.js';
import type { TuningSettings } from '../training/settings.js';
import { type StepProgress, type TuningOutcome, tune } from '../training/tune.js';
import type { TuningState } from '../training/tuning-state.js';
import type { Task } from './task.js';
import { scoringHooks, type TuneHooks, VALIDATING } from './tune-events.js';

/** Where the state of one training is kept, so that a later call goes on from it. */
export interface KeptState {
  /** Undefined where nothing is kept. */
  read(): Promise<TuningState | undefined>;
  write(state: TuningState): Promise<void>;
}

export interface TaskTraining {
  readonly train: readonly PromptSequence[];
  readonly valid: readonly PromptSequence[];
  /** [P, d] */
  readonly initial: Float32Array;
  readonly settings: TuningSettings;
}

/** The run loop of every task: learns a prompt with one seed, from its kept state if there is one. */
export async function trainTask(
  task: Task<never>,
  { train, valid, initial, settings }: TaskTraining,
  hooks: TuneHooks,
  kept?: KeptState,
): Promise<TuningOutcome> {
  const { onEvent, signal } = hooks;
  const { seed, batchSize } = settings;
  return tune({
    network: task.network,
    train,
    initial,
    settings,
    state: await kept?.read(),
    signal,
    validate: (prompt) => task.validate(prompt, valid, scoringHooks(VALIDATING, hooks)),
    save: kept && ((state) => kept.write(state)),
    onStep: (progress) =>
      onEvent?.({ event: 'step', seed, secondsLeft: secondsLeft(progress, batchSize), ...progress }),
    onValidation: (line) => onEvent?.({ event: 'validation', seed, ...line }),
  });
}

function secondsLeft({ step, steps, examplesPerSecond }: StepProgress, batchSize: number): number {
  return ((steps - step) * batchSize) / examplesPerSecond;
}
