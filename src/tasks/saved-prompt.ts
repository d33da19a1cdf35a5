import type { ExampleColumns } from '../data/load-examples.js';
import type { Calibration } from '../evaluation/calibration.js';
import { METHODS } from '../methods/registry.js';
import { describeBaseModel } from './prompt-folder/base-model-match.js';
import type { JsonValue, SavedPrompt, SplitMetrics } from './prompt-folder/saved-prompt.js';
import type { Task } from './task.js';

/** A learned prompt with everything its folder should say. */
export function savedPrompt(
  task: Task<never>,
  learned: {
    readonly prompt: Float32Array;
    readonly initial: Float32Array;
    readonly calibration?: Calibration | undefined;
    readonly columns?: ExampleColumns | undefined;
    readonly tuning: Readonly<Record<string, JsonValue>>;
    readonly metrics: readonly SplitMetrics[];
  },
): SavedPrompt {
  const { model, method, methodOptions, trainable, starts } = task;
  return {
    learned: {
      ...{ method, options: methodOptions, tokens: starts.length },
      ...{ arrays: trainable.arrays, values: learned.prompt },
    },
    initial: METHODS[method].tokens === 'none' ? undefined : learned.initial,
    initialTokens: starts.map((start) => (start.kind === 'words' ? start.id : null)),
    ...task.record(),
    calibration: learned.calibration,
    ...(learned.columns && { columns: learned.columns }),
    baseModel: describeBaseModel(model.checkpoint),
    tuning: learned.tuning,
    metrics: learned.metrics,
  };
}
