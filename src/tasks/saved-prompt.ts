import type { ExampleColumns } from '../data/load-examples.js';
import type { Calibration } from '../evaluation/calibration.js';
import { METHODS } from '../methods/registry.js';
import { learnedCount } from '../network/trainable.js';
import { describeBaseModel } from './prompt-folder/base-model-match.js';
import type { JsonValue, SavedPrompt, SplitMetrics } from './prompt-folder/saved-prompt.js';
import type { Task } from './task.js';
import type { TextTask } from './text-task.js';

/** A learned prompt with everything its folder should say. */
export function savedPrompt(
  task: Task<never> & Partial<Pick<TextTask, 'maps'>>,
  learned: {
    /** What is kept: see `keptNumbers`. */
    readonly prompt: Float32Array;
    readonly initial: Float32Array;
    readonly calibration?: Calibration | undefined;
    readonly columns?: ExampleColumns | undefined;
    readonly tuning: Readonly<Record<string, JsonValue>>;
    readonly metrics: readonly SplitMetrics[];
  },
): SavedPrompt {
  const { model, method, methodOptions, starts } = task;
  const { trainable, tokens } = METHODS[method];
  const { arrays } = trainable(starts.length, model.checkpoint.config, methodOptions);
  const maps = task.maps ?? [];
  const own = learnedCount({ arrays });
  const isOneMatrix = tokens !== 'none' && Object.keys(arrays).length === 1;
  return {
    learned: { method, options: methodOptions, tokens: starts.length, arrays, values: learned.prompt.subarray(0, own) },
    ...(maps.length > 0 && { rows: { maps, values: learned.prompt.slice(own) } }),
    initial: isOneMatrix ? learned.initial.subarray(0, own) : undefined,
    initialTokens: starts.map((start) => (start.kind === 'words' ? start.id : null)),
    ...task.record(),
    calibration: learned.calibration,
    ...(learned.columns && { columns: learned.columns }),
    baseModel: describeBaseModel(model.checkpoint),
    tuning: learned.tuning,
    metrics: learned.metrics,
  };
}
