import { concatenate } from '../concatenate.js';
import { accuracy } from '../evaluation/accuracy.js';
import { fitLogisticRegression, logisticScores } from '../evaluation/logistic-regression.js';
import { negativeLogLikelihood } from '../evaluation/negative-log-likelihood.js';
import { judgeLabels } from '../evaluation/predicted-labels.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { startState } from '../training/training-state.js';
import type { TuningOutcome } from '../training/tune.js';
import type { HistoryLine, TuningState, Validation } from '../training/tuning-state.js';
import { type Task, targetsOf } from './task.js';
import type { KeptState, TaskTraining } from './task-training.js';
import { scoringHooks, type TuneHooks } from './tune-events.js';

/** Texts read at once. */
const PIECE = 64;

/**
 * Learns a linear probe: every text is read once by the frozen model, and logistic regression on what it makes of them is
 * solved, its penalty chosen on the validation data. An interrupted one begins again.
 */
export async function fitHead(
  task: Task<never>,
  { train, valid, initial, settings }: TaskTraining,
  hooks: TuneHooks,
  kept?: KeptState,
): Promise<TuningOutcome> {
  const known = await kept?.read();
  if (known !== undefined) return { state: known, ended: 'finished' };
  const started = performance.now();
  try {
    const read = async (what: string, sequences: readonly PromptSequence[]) => ({
      vectors: await readStates(task, initial, sequences, scoringHooks(what, hooks)),
      labels: targetsOf(sequences),
    });
    const seen = await read('reading the training data', train);
    const judged = await read('reading the validation data', valid);
    const classes = train[0]!.candidates.length;
    const fit = fitLogisticRegression(seen, judged, classes);
    const prompt = concatenate([fit.biases, fit.weights], Float32Array);
    const judge = ({ vectors, labels }: typeof seen): Validation => {
      const scores = { values: logisticScores(fit, vectors), classes };
      return {
        accuracy: accuracy(judgeLabels(scores, labels), labels),
        loss: negativeLogLikelihood(scores, labels),
      };
    };
    const validation = judge(judged);
    const seconds = (performance.now() - started) / 1000;
    const line: HistoryLine = {
      ...{ step: 1, epoch: 1, trainLoss: judge(seen).loss, ...validation },
      ...{ learningRate: settings.learningRate, examplesPerSecond: train.length / seconds, best: true },
    };
    const state: TuningState = {
      ...startState<Validation, HistoryLine>({ prompt }, {}),
      ...{ step: 1, trainingSeconds: seconds, examples: train.length, history: [line] },
      best: { step: 1, validation, weights: { prompt }, buffers: {} },
    };
    hooks.onEvent?.({ event: 'validation', seed: settings.seed, ...line });
    await kept?.write(state);
    return { state, ended: 'finished' };
  } catch (error) {
    if (!hooks.signal?.aborted || error !== hooks.signal.reason) throw error;
    return { state: startState({ prompt: initial }, {}), ended: 'interrupted' };
  }
}

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
