import type { ExampleColumns } from '../data/load-examples.js';
import type { Calibration } from '../evaluation/calibration.js';
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
  const { model, method, starts } = task;
  const tokens = starts.length;
  const width = method.width(model.checkpoint.config);
  return {
    method: method.name,
    embeddings: { values: learned.prompt, tokens, width },
    initialEmbeddings: { values: learned.initial, tokens, width },
    initialTokens: starts.map((start) => (start.kind === 'words' ? start.id : null)),
    ...task.record(),
    calibration: learned.calibration,
    ...(learned.columns && { columns: learned.columns }),
    baseModel: describeBaseModel(model.checkpoint),
    tuning: learned.tuning,
    metrics: learned.metrics,
  };
}
