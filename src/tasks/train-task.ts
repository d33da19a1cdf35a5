import { isBetter } from '../evaluation/judgement.js';
import { type Weighing, weighings } from '../evaluation/label-weights.js';
import type { Method } from '../methods/method.js';
import { METHODS } from '../methods/registry.js';
import type { TuningSettings } from '../training/settings.js';
import { startState } from '../training/training-state.js';
import { type StepProgress, tune } from '../training/tune.js';
import type { HistoryLine, TuningState } from '../training/tuning-state.js';
import { crossValidate, weighed } from './cross-validate.js';
import { fitHead } from './fit-head.js';
import { type ElsewherePieces, piecesElsewhere } from './gradient-pieces.js';
import { type Task, targetsOf } from './task.js';
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
  const elsewhere = piecesElsewhere(task, training.settings, hooks);
  try {
    return await trainInSteps(task, training, hooks, kept, elsewhere?.gradients);
  } finally {
    await elsewhere?.close();
  }
}

async function trainInSteps(
  task: Task<never>,
  training: TaskTraining,
  hooks: TuneHooks,
  kept: KeptState | undefined,
  pieces: ElsewherePieces['gradients'] | undefined,
): Promise<TaskOutcome> {
  const { train, valid, folds, initial, settings, classWeights = 'none' } = training;
  const keepNear = keptNear(task, initial);
  const { signal } = hooks;
  const start = { network: task.network, initial, keepNear, settings, signal, isBetter: task.isBetter, pieces };
  const state = await kept?.read();
  const { onEvent } = hooks;
  const onStep =
    (steps: number, beside = {}) =>
    (progress: StepProgress) =>
      onEvent?.({
        ...{ event: 'step', seed: settings.seed, ...beside, ...progress, steps },
        secondsLeft: secondsLeft({ ...progress, steps }, settings.batchSize),
      });
  if (folds !== undefined) {
    const found = await crossValidate(task, { ...training, folds, keepNear, pieces }, hooks);
    if (found === undefined) return { state: state ?? startState({ prompt: initial }, {}), ended: 'interrupted' };
    const { weighing, history, bestStep, heldOut } = found;
    if (weighing === 'balanced') onEvent?.({ event: 'note', text: EVENLY });
    // what judged the parts says how good the same training of all rows is
    let judged = state?.history.length ?? 0;
    const outcome = await tune({
      ...{ ...start, state, save: kept && ((state) => kept.write(state)) },
      ...{ train: weighed(train, weighing), stopAt: bestStep, onStep: onStep(bestStep) },
      validate: async () => history[judged++]!,
    });
    return { ...outcome, heldOut };
  }
  const [first, second] =
    classWeights === 'auto' ? weighings(targetsOf(train), train[0]!.candidates.length) : [classWeights];
  const learn = (weighing: Weighing, keep: KeptState | undefined, state: TuningState | undefined, pauseAt?: number) => {
    const beside = weighing === second ? { weighing: 'balanced' as const } : {};
    return tune({
      ...{ ...start, state, save: keep && ((state) => keep.write(state)), train: weighed(train, weighing), pauseAt },
      watchesOverfitting: settings.watchesOverfitting === true && task.isBetter === undefined,
      validate: (prompt) => task.validate(prompt, valid, scoringHooks(VALIDATING, hooks)),
      onStep: onStep(settings.steps, beside),
      onValidation: (line) => onEvent?.({ event: 'validation', seed: settings.seed, ...beside, ...line }),
    });
  };
  const plain = await learn(first!, kept, state);
  if (second === undefined || plain.ended === 'interrupted') return plain;
  onEvent?.({ event: 'note', text: ONCE_MORE });
  const beside = kept?.beside?.(second);
  const early = earlyStep(settings);
  let other = await beside?.read();
  if ((other?.step ?? 0) < early) {
    other = (await learn(second, beside, other, early)).state;
    if (hooks.signal?.aborted) return { state: plain.state, ended: 'interrupted' };
  }
  if (!isAhead(other!.history, plain.state.history, early)) return plain;
  const even = await learn(second, beside, other);
  if (even.ended === 'interrupted') return { state: plain.state, ended: 'interrupted' };
  if (!isBetter(even.state.best!.validation, plain.state.best!.validation)) return plain;
  onEvent?.({ event: 'note', text: EVENLY });
  await kept?.write(even.state);
  return even;
}

/** The validation after a third of the updates: what is not ahead by then is given up. */
const earlyStep = ({ steps, evaluateEvery }: TuningSettings): number =>
  Math.min(steps, Math.ceil(steps / 3 / evaluateEvery) * evaluateEvery);

/** Whether the best of one training until a step is better than that of another. */
function isAhead(one: readonly HistoryLine[], other: readonly HistoryLine[], step: number): boolean {
  const bestUntil = (lines: readonly HistoryLine[]) =>
    lines.filter((line) => line.step <= step).reduce((a, b) => (isBetter(b, a) ? b : a));
  return isBetter(bestUntil(one), bestUntil(other));
}

const ONCE_MORE =
  'a label is rare, so it is learned once more with all labels weighed alike (--class-weights none: not)';
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
