import { embeddingScale } from '../network/checkpoint/embedding-rows.js';
import type { FrozenModel } from '../network/load-model.js';
import { startTokens } from '../tasks/start-prompt.js';
import type { FrozenStart } from './sequential/chosen-encoder.js';

/** The words whose embeddings the task prompt starts from, repeated or cut to its length. */
const TASK_PROMPT = 'Someone chose these, one after the other:';

/** A language model made ready for the frozen encoder: its task prompt [P, D] starts from words. */
export async function startTaskPrompt(model: FrozenModel, taskTokens: number, seed: number): Promise<FrozenStart> {
  const { checkpoint } = model;
  const embeddingSize = await embeddingScale(checkpoint);
  const starts = Array.from({ length: taskTokens }, () => ({ kind: 'free' }) as const);
  const words = { kind: 'words', text: TASK_PROMPT } as const;
  return { checkpoint, prompt: await startTokens(model, starts, embeddingSize, seed, words), embeddingSize };
}
