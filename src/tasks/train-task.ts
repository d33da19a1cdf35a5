import type { Method } from '../methods/method.js';
import { METHODS } from '../methods/registry.js';
import { type StepProgress, type TuningOutcome, tune } from '../training/tune.js';
import { fitHead } from './fit-head.js';
import type { Task } from './task.js';
import type { KeptState, TaskTraining } from './task-training.js';
import { scoringHooks, type TuneHooks, VALIDATING } from './tune-events.js';

/** The run loop of every task: learns a prompt with one seed, from its kept state if there is one. */
export async function trainTask(
  task: Task<never>,
  { train, valid, initial, settings }: TaskTraining,
  hooks: TuneHooks,
  kept?: KeptState,
): Promise<TuningOutcome> {
  if (METHODS[task.method].solvedAtOnce) return fitHead(task, { train, valid, initial, settings }, hooks, kept);
  const { onEvent, signal } = hooks;
  const { seed, batchSize } = settings;
  return tune({
    network: task.network,
    train,
    initial,
    keepNear: keptNear(task, initial),
    settings,
    state: await kept?.read(),
    signal,
    isBetter: task.isBetter,
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

/** What keeps a prompt near its start, where the method does. */
export function keptNear({ method, starts, methodOptions }: Task<never>, initial: Float32Array) {
  const { keepNear }: Method = METHODS[method];
  return keepNear && ((prompt: Float32Array) => keepNear(prompt, initial, starts.length, methodOptions));
}
