/**
 * The library's door: a frozen model, a task on it, a learned prompt; and a recommender. The rest stands under
 * `softprompt/recommend`, `/data`, `/evaluation`, `/templates`, `/files` and `/autodiff`.
 */

export { ERROR_CODES, type ErrorCode, type ErrorFacts, SoftpromptError } from './errors.js';
export { packageVersion } from './package-version.js';
export { Random } from './random.js';

// Models, tasks, prompts

export type { DecodingOptions } from './decoding/decoding-options.js';
export type { Answer, AnswerStream } from './decoding/request.js';
export type { ClassificationTask, TuneOptions } from './library/classification.js';
export type { ModelOptions, ProgressEvent, Watching } from './library/events.js';
export {
  type GenerateOptions,
  type GenerationPrompt,
  type GenerationTask,
  openGeneration,
  type TuneGenerationOptions,
} from './library/generation.js';
export { lora, prefix, softPrompt } from './library/methods.js';
export { load, type Model } from './library/model.js';
export { openPrompt, type Prediction, type Prompt } from './library/prompt.js';
export type { Fields, LabelledRow, LabelOf, SlotOf } from './library/template-types.js';
export type { Closable } from './runtime/closable.js';

// Which form, which words, which method: from files to folders, as the command line does it

export * from './library/finding.js';

// Rooms of their own, by name too

export { formatScores } from './evaluation/score-table.js';
export * as data from './library/data.js';
export * as evaluation from './library/evaluation.js';
export * as files from './library/files.js';
export * as recommend from './library/recommend.js';
export * as templates from './library/templates.js';

// Tokens of a model's tokenizer.json

export { loadTokenizer } from './tokenizer/load-tokenizer.js';

// Prompts of PEFT

export { readPeftPrompt } from './tasks/prompt-folder/read-prompt.js';
