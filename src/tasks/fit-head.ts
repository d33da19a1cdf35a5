import { concatenate } from '../concatenate.js';
import { oneFold } from '../evaluation/held-out-choice.js';
import { judgeScores } from '../evaluation/judgement.js';
import { weighings } from '../evaluation/label-weights.js';
import {
  chooseLogisticRegression,
  fitLogisticRegression,
  type LabelledVectors,
  logisticScores,
} from '../evaluation/logistic-regression.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { startState } from '../training/training-state.js';
import type { HistoryLine, TuningState, Validation } from '../training/tuning-state.js';
import { type Task, targetsOf } from './task.js';
import type { KeptState, TaskOutcome, TaskTraining } from './task-training.js';
import { scoringHooks, type TuneHooks } from './tune-events.js';

/** Texts read at once. */
const PIECE = 64;

/**
 * Learns a linear probe: every text is read once by the frozen model, and logistic regression on what it makes of them is
 * solved, its penalty and the labels' weights chosen on the validation data, or by cross-validation. An interrupted one begins
 * again.
 */
export async function fitHead(
  task: Task<never>,
  { train, valid, folds, initial, settings, classWeights }: TaskTraining,
  hooks: TuneHooks,
  kept?: KeptState,
): Promise<TaskOutcome> {
  const known = folds ? undefined : await kept?.read();
  if (known !== undefined) return { state: known, ended: 'finished' };
  const started = performance.now();
  try {
    const read = async (what: string, sequences: readonly PromptSequence[]) => ({
      vectors: await readStates(task, initial, sequences, scoringHooks(what, hooks)),
      labels: [...targetsOf(sequences)],
    });
    const classes = train[0]!.candidates.length;
    const seen = await read('reading the training data', train);
    const judged = folds ? seen : await read('reading the validation data', valid);
    const all = folds ? seen : together(seen, judged);
    const { candidate, scores } = chooseLogisticRegression(all, folds ?? oneFold(train.length, valid.length), classes, {
      weighings: weighings(seen.labels, classes, classWeights),
    });
    const fit = fitLogisticRegression(seen, classes, candidate);
    const prompt = concatenate([fit.biases, fit.weights], Float32Array);
    const validation = judgeScores(scores, Int32Array.from(judged.labels));
    const learned = judgeScores({ values: logisticScores(fit, seen.vectors), classes }, Int32Array.from(seen.labels));
    const seconds = (performance.now() - started) / 1000;
    const line: HistoryLine = {
      ...{ step: 1, epoch: 1, trainLoss: learned.loss, ...validation },
      ...{ learningRate: settings.learningRate, examplesPerSecond: train.length / seconds, best: true },
    };
    const state: TuningState = {
      ...startState<Validation, HistoryLine>({ prompt }, {}),
      ...{ step: 1, trainingSeconds: seconds, examples: train.length, history: [line] },
      best: { step: 1, validation, weights: { prompt }, buffers: {} },
    };
    hooks.onEvent?.({ event: 'validation', seed: settings.seed, ...line });
    await kept?.write(state);
    return { state, ended: 'finished', ...(folds && { heldOut: scores }) };
  } catch (error) {
    if (!hooks.signal?.aborted || error !== hooks.signal.reason) throw error;
    return { state: startState({ prompt: initial }, {}), ended: 'interrupted' };
  }
}

const together = (a: LabelledVectors, b: LabelledVectors): LabelledVectors => ({
  vectors: concatenate([a.vectors, b.vectors], Float32Array),
  labels: [...Array.from(a.labels), ...Array.from(b.labels)],
});

/** [N, d] */
async function readStates(
  { network }: Pick<Task<never>, 'network'>,
  learned: Float32Array,
  sequences: readonly PromptSequence[],
  { onProgress, signal }: ReturnType<typeof scoringHooks>,
): Promise<Float32Array> {
  const pieces: Float32Array[] = [];
  for (let start = 0; start < sequences.length; start += PIECE) {
    signal?.throwIfAborted();
    pieces.push(await network.states(learned, sequences.slice(start, start + PIECE)));
    onProgress?.(Math.min(start + PIECE, sequences.length), sequences.length);
  }
  return concatenate(pieces, Float32Array);
}
