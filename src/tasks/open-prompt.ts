import { type BagOfWords, type BagOfWordsModel, openBagOfWords } from '../evaluation/bag-of-words.js';
import { calibrate } from '../evaluation/calibration.js';
import { type LabelScores, logProbabilities } from '../evaluation/label-scores.js';
import { predictLabels } from '../evaluation/predicted-labels.js';
import { loadBaseModel } from '../network/load-base-model.js';
import { type FrozenModel, type LoadModelOptions, loadModel } from '../network/load-model.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { type Closable, closable } from '../runtime/closable.js';
import type { SessionOptions } from '../runtime/runtime.js';
import { type BaseModelMatch, matchBaseModel } from './prompt-folder/base-model-match.js';
import { requireTask } from './prompt-folder/prompt-task.js';
import { readPrompt } from './prompt-folder/read-prompt.js';
import { numbersOf, type SavedPrompt } from './prompt-folder/saved-prompt.js';
import type { ScoringOptions } from './task.js';
import { encodeExamples } from './task-sequences.js';
import { type TextTask, textTask } from './text-task.js';
import { TRAINING } from './tune-options.js';

/** A saved prompt on its frozen model, ready to answer. */
export interface OpenPrompt extends Closable {
  readonly saved: SavedPrompt;
  readonly task: TextTask;
  /** `other-weights`: the model has the same shape but is not the one that the prompt was learned for. */
  readonly match: BaseModelMatch;
  /** Where the commit that the prompt was learned with cannot be had: which other one is used. */
  readonly modelNote?: string | undefined;
}

export interface OpenPromptOptions extends LoadModelOptions {
  /** Another place of the frozen model than the one the prompt was learned with. */
  readonly model?: string | undefined;
  readonly threads?: number | undefined;
}

/** What a prompt says of one text. */
export interface Prediction {
  /** The label's key. */
  readonly label: string;
  readonly word: string;
  /** Label key → probability among the labels. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/**
 * Opens a prompt's folder and the model it belongs to. Prompts of one model share what they can; each holds memory for
 * computing, from its first prediction on, until it is closed.
 */
export async function openPrompt(folder: string, options: OpenPromptOptions = {}): Promise<OpenPrompt> {
  const saved = await readPrompt(folder);
  requireTask(saved, 'classification', folder);
  const model = await (options.model === undefined
    ? loadBaseModel(saved.baseModel, options)
    : loadModel(options.model, options));
  return promptOnModel(saved, model, { threads: options.threads });
}

/** A prompt on a model that is loaded already. Errors: PROMPT_BASE_MODEL. */
export function promptOnModel(
  saved: SavedPrompt,
  model: FrozenModel,
  { threads, thread }: Pick<SessionOptions, 'threads' | 'thread'> = {},
): OpenPrompt {
  const match = matchBaseModel(saved, model.checkpoint);
  const { maxLength } = saved.tuning;
  const task = textTask(model, {
    template: saved.template,
    labels: saved.labels,
    maxLength: typeof maxLength === 'number' ? maxLength : TRAINING.maxLength.default,
    loss: 'labels',
    method: saved.learned.method,
    ...saved.learned.options,
    ...(saved.rows && { made: saved.rows.maps.map(({ inputs }) => inputs) }),
    ...{ threads, thread, answering: true },
  });
  return { saved, task, match, modelNote: model.note, ...closable(() => task.network.release()) };
}

/** What to say where the model is not the one that the prompt was learned for. */
export function otherModelNotes({
  match,
  saved,
  modelNote,
}: Pick<OpenPrompt, 'match' | 'saved' | 'modelNote'>): string[] {
  const weights =
    match === 'other-weights'
      ? [
          `the model's weights are not those that the prompt was learned for (${saved.baseModel.source}): expect worse answers`,
        ]
      : [];
  return [...(modelNote === undefined ? [] : [modelNote]), ...weights];
}

/** Label scores [N, C] of a saved prompt, calibrated if it was saved so. */
export async function scoreWithPrompt(
  { saved, task }: OpenPrompt,
  sequences: readonly PromptSequence[],
  options: ScoringOptions = {},
): Promise<LabelScores> {
  if (saved.bagOfWords) return bagOf(saved.bagOfWords).score(sequences.map(({ words = '' }) => words));
  return calibrated(saved, await task.score(numbersOf(saved), sequences, options));
}

const openBags = new WeakMap<BagOfWordsModel, BagOfWords>();

function bagOf(model: BagOfWordsModel): BagOfWords {
  const open = openBags.get(model) ?? openBagOfWords(model);
  openBags.set(model, open);
  return open;
}

export const calibrated = ({ calibration }: SavedPrompt, scores: LabelScores): LabelScores =>
  calibration === undefined ? scores : calibrate(calibration, scores);

/** Predictions for texts, each given as the fields of the template's slots. */
export async function predict(
  prompt: OpenPrompt,
  texts: readonly Readonly<Record<string, string>>[],
  options: ScoringOptions = {},
): Promise<Prediction[]> {
  const examples = texts.map((fields, i) => ({ id: `text ${i + 1}`, fields, label: undefined }));
  return predictSequences(prompt, await encodeExamples(prompt.task.compiled, examples, options.signal), options);
}

/** Predictions for texts that are encoded already. */
export async function predictSequences(
  prompt: OpenPrompt,
  sequences: readonly PromptSequence[],
  options: ScoringOptions = {},
): Promise<Prediction[]> {
  if (sequences.length === 0) return [];
  return predictionsOf(prompt, await scoreWithPrompt(prompt, sequences, options));
}

/** What calibrated scores say. */
export function predictionsOf({ task: { compiled, labelKeys } }: OpenPrompt, scores: LabelScores): Prediction[] {
  const logs = logProbabilities(scores);
  return [...predictLabels(scores)].map((index, i) => {
    const label = labelKeys[index]!;
    const shares = labelKeys.map((key, c) => [key, Math.exp(logs[i * labelKeys.length + c]!)] as const);
    return { label, word: compiled.labels.get(label)!, probabilities: Object.fromEntries(shares) };
  });
}
