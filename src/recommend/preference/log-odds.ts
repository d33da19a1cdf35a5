import type { PromptSequence } from '../../prompt/sequence.js';
import { type PreferenceTask, YES } from './preference-task.js';

/** Log odds of yes [sequences]. */
export async function logOddsOf(
  task: Pick<PreferenceTask, 'score'>,
  learned: Float32Array,
  sequences: readonly PromptSequence[],
  options: Parameters<PreferenceTask['score']>[2] = {},
): Promise<Float64Array> {
  const { values } = await task.score(learned, sequences, options);
  return Float64Array.from(sequences, (_, i) => values[2 * i + YES]! - values[2 * i + 1 - YES]!);
}
