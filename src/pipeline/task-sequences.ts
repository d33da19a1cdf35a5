import type { PromptSequence } from '../prompt/sequence.js';
import type { TaskData } from './task-data.js';
import type { TextTask } from './text-task.js';

/** A run's data as the model sees them. */
export interface TaskSequences {
  readonly train: readonly PromptSequence[];
  readonly valid: readonly PromptSequence[];
  readonly test: readonly PromptSequence[] | undefined;
}

export function encodeData({ compiled }: TextTask, { train, valid, test }: TaskData): TaskSequences {
  const encode = (examples: TaskData['train']) => examples.map((example) => compiled.encode(example));
  return { train: encode(train), valid: encode(valid), test: test && encode(test) };
}

/** A line for the user where training texts reach the length limit. */
export function lengthNotes({ maxLength, model }: TextTask, { train }: TaskSequences): string[] {
  const length = ({ context, candidates }: PromptSequence) =>
    context.length + Math.max(...candidates.map((candidate) => candidate.length));
  const full = train.filter((sequence) => length(sequence) >= maxLength).length;
  if (full === 0) return [];
  const share = `${full} of ${train.length} training rows`;
  const more =
    maxLength < model.checkpoint.config.maxPositions ? '--max-length allows more' : 'the model reads no more';
  return [`${share} fill all ${maxLength} positions, so their texts may be cut; ${more}`];
}
