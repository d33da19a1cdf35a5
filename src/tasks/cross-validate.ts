import { isBetter, judgeScores } from '../evaluation/judgement.js';
import type { LabelScores } from '../evaluation/label-scores.js';
import { countLabels, type Weighing, weighings } from '../evaluation/label-weights.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { overfits } from '../training/overfitting.js';
import { type TuningRun, tune } from '../training/tune.js';
import type { HistoryLine, TuningState, Validation } from '../training/tuning-state.js';
import { type Task, targetsOf } from './task.js';
import type { TaskTraining } from './task-training.js';
import { scoringHooks, type TuneHooks, VALIDATING } from './tune-events.js';

/** What cross-validation found for one training. */
export interface CrossValidated {
  readonly weighing: Weighing;
  /** One line a validation, over all rows, each judged by what had not learned from it. */
  readonly history: readonly HistoryLine[];
  /** The update at which all rows together were answered best. */
  readonly bestStep: number;
  /** [N, C] scores at that update. */
  readonly heldOut: LabelScores;
  /** What it was so far behind that it ended early. */
  readonly behind?: string | undefined;
}

/** @param keepNear, pieces see `TuningRun` */
export interface FoldedTraining extends TaskTraining {
  readonly folds: Int32Array;
  readonly keepNear: ((prompt: Float32Array) => void) | undefined;
  readonly pieces?: TuningRun['pieces'];
}

/**
 * Trains once without each part of the rows, all side by side from one validation to the next, and judges what they say of the rows
 * left out together: when to stop, and whether rare labels gain by weights. Undefined where the signal ended it.
 */
export async function crossValidate(
  task: Task<never>,
  training: FoldedTraining,
  hooks: TuneHooks,
): Promise<CrossValidated | undefined> {
  const targets = targetsOf(training.train);
  const classes = training.train[0]!.candidates.length;
  let best: CrossValidated | undefined;
  for (const weighing of weighings(targets, classes, training.classWeights)) {
    const found = await crossValidateOnce(task, training, weighing, hooks);
    if (found === undefined) return undefined;
    if (best === undefined || isBetter(lineOf(found), lineOf(best))) best = found;
    if (found.behind !== undefined) return { ...best, behind: found.behind };
  }
  return best;
}

const lineOf = ({ history, bestStep }: CrossValidated) => history.find(({ step }) => step === bestStep)!;

interface Fold {
  readonly learn: readonly PromptSequence[];
  readonly judge: readonly PromptSequence[];
  /** Where those that judge stand among all. */
  readonly rows: readonly number[];
  state: TuningState | undefined;
}

async function crossValidateOnce(
  task: Task<never>,
  { train, folds, initial, settings, keepNear, pieces, behind }: FoldedTraining,
  weighing: Weighing,
  hooks: TuneHooks,
): Promise<CrossValidated | undefined> {
  const { signal, onEvent } = hooks;
  const classes = train[0]!.candidates.length;
  const targets = targetsOf(train);
  const parts = [...new Set(folds)].map((part): Fold => {
    const rows = [...folds.keys()].filter((row) => folds[row] === part);
    const learn = train.filter((_, row) => folds[row] !== part);
    return { learn: weighed(learn, weighing), judge: rows.map((row) => train[row]!), rows, state: undefined };
  });
  const { steps, evaluateEvery, seed } = settings;
  const history: HistoryLine[] = [];
  let best: { readonly line: HistoryLine; readonly scores: LabelScores } | undefined;
  for (let step = Math.min(evaluateEvery, steps); ; step = Math.min(step + evaluateEvery, steps)) {
    const scores = { values: new Float32Array(train.length * classes), classes };
    for (const part of parts) {
      const judged = async (prompt: Float32Array): Promise<Validation> => {
        const found = await task.score(prompt, part.judge, scoringHooks(VALIDATING, hooks));
        part.rows.forEach((row, i) => {
          scores.values.set(found.values.subarray(i * classes, (i + 1) * classes), row * classes);
        });
        return judgeScores(found, targetsOf(part.judge));
      };
      const { state } = await tune({
        ...{ network: task.network, train: part.learn, initial, keepNear, pieces, signal },
        settings: { ...settings, patience: Number.POSITIVE_INFINITY },
        ...{ state: part.state, validate: judged, pauseAt: step },
        onStep: ({ step }) =>
          onEvent?.({
            ...{ event: 'scoring', what: `cross-validating in ${parts.length} parts` },
            ...{ done: doneOf(parts) - (part.state?.step ?? 0) + step, all: steps * parts.length },
          }),
      });
      if (signal?.aborted) return undefined;
      part.state = state;
    }
    const last = parts.map(({ state }) => state!.history.at(-1)!);
    const judgement = judgeScores(scores, targets);
    const isBest = best === undefined || isBetter(judgement, best.line);
    const line: HistoryLine = {
      ...{ ...last[0]!, ...judgement, best: isBest },
      trainLoss: last.reduce((sum, { trainLoss }) => sum + trainLoss, 0) / last.length,
    };
    history.push(line);
    if (isBest) best = { line, scores };
    onEvent?.({ event: 'validation', seed, ...(weighing === 'balanced' && { weighing }), ...line });
    const stale = history.length - 1 - history.indexOf(best!.line) >= settings.patience;
    const ahead = settings.watchesOverfitting ? behind?.(best!.scores, step / steps) : undefined;
    const ends = step >= steps || stale || (settings.watchesOverfitting && overfits(history));
    if (!ends && ahead === undefined) continue;
    if (ahead !== undefined && !ends) onEvent?.({ event: 'note', text: endedEarly(ahead, step, steps) });
    return { weighing, history, bestStep: best!.line.step, heldOut: best!.scores, behind: ahead };
  }
}

const endedEarly = (ahead: string, step: number, steps: number) =>
  `the ${ahead} is far ahead of the prompt after ${step} of ${steps} updates, so the prompt's training ends there (--patience ${steps}: not)`;

const doneOf = (parts: readonly Fold[]) => parts.reduce((sum, { state }) => sum + (state?.step ?? 0), 0);

/** The most often a row of a rare label is repeated. */
const MOST_REPEATED = 8;

/** Rows among which each label stands about as often: those of rare ones repeated, which is what weights in the loss are. */
export function weighed(sequences: readonly PromptSequence[], weighing: Weighing): readonly PromptSequence[] {
  if (weighing === 'none' || sequences.length === 0) return sequences;
  const targets = targetsOf(sequences);
  const counts = countLabels(targets, sequences[0]!.candidates.length);
  const most = Math.max(...counts);
  return sequences.flatMap((sequence, i) => {
    const times = Math.min(MOST_REPEATED, Math.round(most / counts[targets[i]!]!));
    return Array.from({ length: times }, () => sequence);
  });
}
