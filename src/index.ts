/**
 * The library's door: a frozen model, a task on it, a learned prompt; and a recommender. The rest stands under
 * `softprompt/recommend`, `/data`, `/evaluation` and `/autodiff`.
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

// Rooms of their own, by name too

export { formatScores } from './evaluation/score-table.js';
export * as data from './library/data.js';
export * as evaluation from './library/evaluation.js';
export * as recommend from './library/recommend.js';

// From files to folders, as the command line does it

export { pretrainModel, resumePretraining } from './pretraining/pretrain-model.js';
export type { TuneResult } from './tasks/tune-events.js';
export { resumeTuning, tunePrompt } from './tasks/tune-prompt.js';

// What a template makes of an example, and prompts of PEFT

export { compileTemplate } from './prompt/compile-template.js';
export { describeSequence } from './prompt/describe-sequence.js';
export { parseLabels } from './prompt/labels.js';
export { parseTemplate } from './prompt/parse-template.js';
export { asLearnedToken } from './prompt/sequence.js';
export { withoutLearned } from './prompt/without-learned.js';
export { readPeftPrompt } from './tasks/prompt-folder/read-prompt.js';
