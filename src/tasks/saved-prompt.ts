import type { ExampleColumns } from '../data/load-examples.js';
import type { Calibration } from '../evaluation/calibration.js';
import { describeBaseModel } from './prompt-folder/base-model-match.js';
import { placementOf } from './prompt-folder/placement.js';
import type { JsonValue, SavedPrompt, SplitMetrics } from './prompt-folder/saved-prompt.js';
import type { TextTask } from './text-task.js';

/** A learned prompt with everything its folder should say. */
export function savedPrompt(
  { model, method, compiled }: TextTask,
  learned: {
    readonly prompt: Float32Array;
    readonly initial: Float32Array;
    readonly calibration: Calibration | undefined;
    readonly columns: ExampleColumns | undefined;
    readonly tuning: Readonly<Record<string, JsonValue>>;
    readonly metrics: readonly SplitMetrics[];
  },
): SavedPrompt {
  const tokens = compiled.learnedTokens;
  const width = method.width(model.checkpoint.config);
  const fields = compiled.template.parts.flatMap((part) => (part.kind === 'slot' ? [[part.field, '']] : []));
  const sample = compiled.encode({ id: 'sample', fields: Object.fromEntries(fields), label: undefined });
  return {
    method: method.name,
    embeddings: { values: learned.prompt, tokens, width },
    initialEmbeddings: { values: learned.initial, tokens, width },
    initialTokens: compiled.starts.map((start) => (start.kind === 'words' ? start.id : null)),
    task: 'classification',
    template: compiled.template.source,
    placement: method.inRows ? placementOf(sample, tokens) : 'front',
    labels: compiled.labels,
    calibration: learned.calibration,
    ...(learned.columns && { columns: learned.columns }),
    baseModel: describeBaseModel(model.checkpoint),
    tuning: learned.tuning,
    metrics: learned.metrics,
  };
}
