import { concatenate } from '../../concatenate.js';
import { hasLowerLoss, judgeScores } from '../../evaluation/judgement.js';
import { type LabelScores, logProbabilities } from '../../evaluation/label-scores.js';
import type { Weighing } from '../../evaluation/label-weights.js';
import {
  chooseLogisticRegression,
  fitLogisticRegression,
  type LogisticRegression,
  logisticScores,
} from '../../evaluation/logistic-regression.js';
import { isWorthKeeping, pairedGain } from '../../evaluation/paired-gain.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import { Random } from '../../random.js';
import type { TuningState } from '../../training/tuning-state.js';
import { targetsOf } from '../task.js';
import type { TaskSequences } from '../task-sequences.js';
import type { TextTask } from '../text-task.js';
import { scoringHooks, type TuneHooks, VALIDATING } from '../tune-events.js';
import { startMaps } from './start-maps.js';

const START_KEPT =
  'what was learned is not better than the start of its rows by more than chance on the validation rows: the start is kept';

/** Examples that the start is tried on: at most so many, and validation examples, which the regression has not seen, if they are enough. */
const STARTED_ON = 128;
const ENOUGH_TO_TRY = 20;
/** Parts of the training rows that choose the regression's penalty. */
const FOLDS = 5;
const REGULARISATIONS = [1e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1];
/** Steps of the descent while penalties are compared. */
const ITERATIONS = 150;

/** What all rows of a sequence are made of, one vector after the other. */
const flatGiven = (sequences: readonly PromptSequence[]): Float32Array =>
  concatenate(
    sequences.flatMap(({ given = [] }) => given),
    Float32Array,
  );

/** Logistic regression on what the training examples' rows are made of, its penalty chosen by the loss in cross-validation. */
export function teachRows(
  train: readonly PromptSequence[],
  classes: number,
  { seed, weighing }: { readonly seed: number; readonly weighing: Weighing },
): LogisticRegression {
  const rows = { vectors: flatGiven(train), labels: targetsOf(train) };
  const folds = foldsOf(rows.labels, Math.min(FOLDS, train.length), new Random(seed));
  const choice = {
    regularisations: REGULARISATIONS,
    weighings: [weighing],
    better: hasLowerLoss,
    iterations: ITERATIONS,
  };
  const { candidate } = chooseLogisticRegression(rows, folds, classes, choice);
  return fitLogisticRegression(rows, classes, { ...candidate, iterations: 2 * ITERATIONS });
}

/** [N] the part of each row; each label is spread over all parts. */
function foldsOf(labels: Int32Array, parts: number, random: Random): Int32Array {
  const order = random.shuffle([...labels.keys()]).sort((a, b) => labels[a]! - labels[b]!);
  const folds = new Int32Array(labels.length);
  order.forEach((row, i) => {
    folds[row] = i % parts;
  });
  return folds;
}

/** What the regression says of examples [N, C]. */
export const scoresOfRegression = (fit: LogisticRegression, sequences: readonly PromptSequence[]): LabelScores => ({
  values: logisticScores(fit, flatGiven(sequences)),
  classes: fit.biases.length,
});

/** Where maps start: saying what the regression says. @param start with what the method itself starts from, `own` */
export function startFromRegression(
  task: TextTask,
  { train, valid }: Pick<TaskSequences, 'train' | 'valid'>,
  teacher: LogisticRegression,
  start: { readonly own: Float32Array; readonly scale: number; readonly seed: number },
) {
  const sequences = new Random(start.seed)
    .shuffle([...(valid.length >= ENOUGH_TO_TRY ? valid : train)])
    .slice(0, STARTED_ON);
  return startMaps(task, { ...start, teacher, sequences });
}

/**
 * The state with its start as the best prompt, unless what was learned makes the validation examples' labels likelier by more than
 * a standard error: the best of many validations on few rows is best by chance. Too few examples have no error that can be told: there
 * the likelier counts.
 */
export async function keepStart(
  task: TextTask,
  state: TuningState,
  initial: Float32Array,
  valid: readonly PromptSequence[],
  hooks: TuneHooks,
): Promise<TuningState> {
  const { best } = state;
  if (best === undefined) return state;
  const targets = targetsOf(valid);
  const score = (prompt: Float32Array) => task.score(prompt, valid, scoringHooks(VALIDATING, hooks));
  const likelihoods = (scores: LabelScores) => {
    const logs = logProbabilities(scores);
    return Float64Array.from(targets, (target, n) => logs[n * scores.classes + target]!);
  };
  const atStart = await score(initial);
  const learned = await score(best.weights.prompt!);
  const gain = pairedGain(likelihoods(learned), likelihoods(atStart));
  if (valid.length < ENOUGH_TO_TRY ? gain.gain > 0 : isWorthKeeping(gain)) return state;
  hooks.onEvent?.({ event: 'note', text: START_KEPT });
  const validation = judgeScores(atStart, targets);
  return { ...state, best: { step: 0, validation, weights: { prompt: initial }, buffers: {} } };
}
