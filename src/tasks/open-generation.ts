import type { Example } from '../data/example.js';
import { loadExamples } from '../data/load-examples.js';
import type { DecodingOptions } from '../decoding/decoding-options.js';
import type { DecodingNetworkOptions, Precision } from '../network/decoding/decoding-network.js';
import { loadBaseModel } from '../network/load-base-model.js';
import { type FrozenModel, loadModel } from '../network/load-model.js';
import { withoutLearned } from '../prompt/without-learned.js';
import { type Closable, closable } from '../runtime/closable.js';
import type { EvaluateOptions } from './evaluate-prompt.js';
import { type TextGenerator, textGenerator } from './generate-texts.js';
import { type GenerationTask, generationTask } from './generation-task.js';
import { type GenerationVerdict, generationVerdict } from './generation-verdict.js';
import { type MeasuredGeneration, measureGeneration } from './measure-generation.js';
import type { OpenPromptOptions } from './open-prompt.js';
import { type BaseModelMatch, matchBaseModel } from './prompt-folder/base-model-match.js';
import { requireTask } from './prompt-folder/prompt-task.js';
import { readPrompt } from './prompt-folder/read-prompt.js';
import type { SavedPrompt } from './prompt-folder/saved-prompt.js';
import { TARGET_COLUMN } from './task-data.js';
import { TRAINING, TUNE } from './tune-options.js';

/** A prompt that answers with texts, on its frozen model. */
export interface OpenGeneration extends Closable {
  readonly saved: SavedPrompt;
  readonly task: GenerationTask;
  readonly generator: TextGenerator;
  readonly settings: GenerationSettings;
  /** Longest answer where nobody says: what it was measured with. */
  readonly maxNewTokens: number;
  readonly match: BaseModelMatch;
  readonly modelNote?: string | undefined;
}

/** Opens a prompt's folder and the model it belongs to. @throws PROMPT_TASK, and the errors of readPrompt and loadBaseModel */
export async function openGeneration(
  folder: string,
  options: OpenPromptOptions & { readonly precision?: Precision | undefined } = {},
): Promise<OpenGeneration> {
  const saved = await readPrompt(folder);
  requireTask(saved, 'generation', folder);
  const model = await (options.model === undefined
    ? loadBaseModel(saved.baseModel, options)
    : loadModel(options.model, options));
  return generationOnModel(saved, model, options);
}

/** How its answers are computed. */
export type GenerationSettings = Pick<DecodingNetworkOptions, 'threads' | 'thread' | 'precision' | 'cacheFolder'>;

/** The same on a model that is loaded already. @throws PROMPT_BASE_MODEL */
export async function generationOnModel(
  saved: SavedPrompt,
  model: FrozenModel,
  { threads, thread, precision, cacheFolder }: GenerationSettings = {},
): Promise<OpenGeneration> {
  const match = matchBaseModel(saved, model.checkpoint);
  const { method, options, values } = saved.learned;
  const { maxLength, maxNewTokens } = saved.tuning;
  const numberOr = (value: unknown, other: number) => (typeof value === 'number' ? value : other);
  const task = await generationTask(model, {
    ...{ template: saved.template, method, ...options, threads },
    maxLength: numberOr(maxLength, TRAINING.maxLength.default),
  });
  const generator = textGenerator(task, values, { threads, thread, precision, cacheFolder });
  return {
    settings: { threads, precision, cacheFolder },
    ...{ saved, task, generator, match, modelNote: model.note },
    maxNewTokens: numberOr(maxNewTokens, TUNE.maxNewTokens.default),
    ...closable(async () => {
      await generator.release();
      await task.network.release();
    }),
  };
}

interface EvaluateTextsOptions extends EvaluateOptions {
  readonly decoding?: DecodingOptions | undefined;
  readonly mostTexts?: number | undefined;
}

/** All metrics of generated texts on rows that have a target. */
export async function evaluateGenerationPrompt(
  open: OpenGeneration,
  options: EvaluateTextsOptions,
): Promise<MeasuredGeneration> {
  return measureOn(open, await targetsOf(open, options), options);
}

/** The same beside the written prompt, where something was learned: what the folder's template generates with nothing learned. */
export async function judgeGenerationPrompt(
  open: OpenGeneration,
  options: EvaluateTextsOptions,
): Promise<MeasuredGeneration & { readonly verdict: GenerationVerdict }> {
  const examples = await targetsOf(open, options);
  const measured = await measureOn(open, examples, options);
  const { task, saved, settings } = open;
  const template = withoutLearned(task.template);
  if (saved.learned.method === 'written' || template.parts[0]?.kind === 'label')
    return { ...measured, verdict: generationVerdict(measured, undefined, 'test') };
  const { maxLength } = task;
  const bare = await generationTask(task.model, { template, method: 'written', maxLength, threads: settings.threads });
  try {
    const beside = {
      ...open,
      task: bare,
      saved: { ...saved, learned: { ...saved.learned, values: new Float32Array(0) } },
    };
    const written = await measureOn(beside, examples, options);
    return { ...measured, verdict: generationVerdict(measured, written, 'test') };
  } finally {
    await bare.network.release();
  }
}

const targetsOf = ({ task, saved }: OpenGeneration, options: EvaluateTextsOptions) =>
  loadExamples(options.data, {
    fields: task.fields,
    columns: options.columns,
    labelColumn: options.labelColumn ?? saved.columns?.label ?? TARGET_COLUMN,
    requireLabels: true,
    earlier: saved.columns,
    ...options.table,
    signal: options.signal,
  });

function measureOn(
  { task, saved, maxNewTokens, settings }: OpenGeneration,
  examples: readonly Example[],
  { seed = 0, decoding, mostTexts, onProgress, signal }: EvaluateTextsOptions,
): Promise<MeasuredGeneration> {
  return measureGeneration(task, saved.learned.values, examples, {
    seed,
    decoding: { ...decoding, maxNewTokens: decoding?.maxNewTokens ?? maxNewTokens },
    mostTexts,
    settings,
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
}
