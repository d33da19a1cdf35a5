import { largest } from '../extremes.js';
import { Breath } from '../jobs/breath.js';
import type { PromptSequence } from '../prompt/sequence.js';
import type { Task } from './task.js';
import type { TaskData } from './task-data.js';
import type { TextTask } from './text-task.js';

/** A run's data as the model sees them. */
export interface TaskSequences {
  readonly train: readonly PromptSequence[];
  readonly valid: readonly PromptSequence[];
  /** [N] where the training rows validate one another. */
  readonly folds?: Int32Array | undefined;
  readonly test: readonly PromptSequence[] | undefined;
}

/** Rejects with the signal's reason. */
export async function encodeData(
  task: Pick<Task<TaskData['train'][number]>, 'encode'>,
  { train, valid, folds, test }: TaskData,
  signal?: AbortSignal,
): Promise<TaskSequences> {
  const encode = (examples: TaskData['train']) => encodeExamples(task, examples, signal);
  const learn = await encode(train);
  return { train: learn, valid: folds ? learn : await encode(valid), folds, test: test && (await encode(test)) };
}

/** The sequences of many inputs of a task; hears Ctrl-C meanwhile. Rejects with the signal's reason. */
export async function encodeExamples<Input>(
  { encode }: { readonly encode: (input: Input) => PromptSequence },
  examples: readonly Input[],
  signal?: AbortSignal,
): Promise<PromptSequence[]> {
  const breath = new Breath(signal);
  const sequences: PromptSequence[] = [];
  for (const example of examples) {
    sequences.push(encode(example));
    if (breath.due) await breath.take();
  }
  return sequences;
}

/** A line for the user where training texts reach the length limit. */
export function lengthNotes(
  { maxLength, model }: Pick<TextTask, 'maxLength' | 'model'>,
  { train }: TaskSequences,
): string[] {
  const length = ({ context, candidates }: PromptSequence) =>
    context.length + largest(candidates.map((ids) => ids.length));
  const full = train.filter((sequence) => length(sequence) >= maxLength).length;
  if (full === 0) return [];
  const share = `${full} of ${train.length} training rows`;
  const more =
    maxLength < model.checkpoint.config.maxPositions ? '--max-length allows more' : 'the model reads no more';
  return [`${share} fill all ${maxLength} positions, so their texts may be cut; ${more}`];
}
