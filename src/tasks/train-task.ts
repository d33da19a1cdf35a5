import type { Method } from '../methods/method.js';
import { METHODS } from '../methods/registry.js';
import { startState } from '../training/training-state.js';
import { type StepProgress, tune } from '../training/tune.js';
import type { TuningState } from '../training/tuning-state.js';
import { crossValidate, weighed } from './cross-validate.js';
import { fitHead } from './fit-head.js';
import type { Task } from './task.js';
import type { KeptState, TaskOutcome, TaskTraining } from './task-training.js';
import { scoringHooks, type TuneHooks, VALIDATING } from './tune-events.js';

/** The run loop of every task: learns a prompt with one seed, from its kept state if there is one. */
export async function trainTask(
  task: Task<never>,
  training: TaskTraining,
  hooks: TuneHooks,
  kept?: KeptState,
): Promise<TaskOutcome> {
  if (METHODS[task.method].solvedAtOnce) return fitHead(task, training, hooks, kept);
  const { train, valid, folds, initial, settings, classWeights = 'none' } = training;
  const keepNear = keptNear(task, initial);
  const start = { network: task.network, initial, keepNear, settings, signal: hooks.signal, isBetter: task.isBetter };
  const state = await kept?.read();
  const save = kept && ((state: TuningState) => kept.write(state));
  const { onEvent } = hooks;
  const onStep = (steps: number) => (progress: StepProgress) =>
    onEvent?.({
      ...{ event: 'step', seed: settings.seed, ...progress, steps },
      secondsLeft: secondsLeft({ ...progress, steps }, settings.batchSize),
    });
  if (folds !== undefined) {
    const found = await crossValidate(task, { ...training, folds, keepNear }, hooks);
    if (found === undefined) return { state: state ?? startState({ prompt: initial }, {}), ended: 'interrupted' };
    const { weighing, history, bestStep, heldOut } = found;
    if (weighing === 'balanced') onEvent?.({ event: 'note', text: EVENLY });
    // what judged the parts says how good the same training of all rows is
    let judged = state?.history.length ?? 0;
    const outcome = await tune({
      ...{ ...start, state, save, train: weighed(train, weighing), stopAt: bestStep, onStep: onStep(bestStep) },
      validate: async () => history[judged++]!,
    });
    return { ...outcome, heldOut };
  }
  return tune({
    ...{ ...start, state, save, train: weighed(train, classWeights === 'balanced' ? 'balanced' : 'none') },
    watchesOverfitting: settings.watchesOverfitting === true && task.isBetter === undefined,
    validate: (prompt) => task.validate(prompt, valid, scoringHooks(VALIDATING, hooks)),
    onStep: onStep(settings.steps),
    onValidation: (line) => onEvent?.({ event: 'validation', seed: settings.seed, ...line }),
  });
}

const EVENLY =
  'a label is rare, and weighing all labels alike did better: so it is learned (--class-weights none: not)';

function secondsLeft(
  { step, steps, examplesPerSecond }: Pick<StepProgress, 'step' | 'steps' | 'examplesPerSecond'>,
  batchSize: number,
): number {
  return ((steps - step) * batchSize) / examplesPerSecond;
}

/** What keeps a prompt near its start, where the method does. */
export function keptNear({ method, starts, methodOptions }: Task<never>, initial: Float32Array) {
  const { keepNear }: Method = METHODS[method];
  return keepNear && ((prompt: Float32Array) => keepNear(prompt, initial, starts.length, methodOptions));
}
