import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { embeddingScale } from '../../src/network/checkpoint/embedding-rows.js';
import { type FrozenModel, loadModel } from '../../src/network/load-model.js';
import { learnedCount } from '../../src/network/trainable.js';
import { Random } from '../../src/random.js';
import type { SavedPrompt } from '../../src/tasks/prompt-folder/saved-prompt.js';
import { writePrompt } from '../../src/tasks/prompt-folder/write-prompt.js';
import { savedPrompt } from '../../src/tasks/saved-prompt.js';
import { textTask } from '../../src/tasks/text-task.js';
import { CUE, LABELS, MODEL, sst2Files } from '../sst2-data.js';

export const TOKENS = 20;
const TEMPLATE = `[soft:${TOKENS}]{text}${CUE}{label}`;

export const frozenModel = (): Promise<FrozenModel> => loadModel(MODEL);

/** Prompts of 20 drawn tokens: what they answer is nonsense, what it costs is what a learned one costs. */
export async function drawPrompts(model: FrozenModel, count: number, seed = 1): Promise<SavedPrompt[]> {
  const task = textTask(model, { template: TEMPLATE, labels: JSON.parse(LABELS), maxLength: 256, loss: 'labels' });
  const scale = await embeddingScale(model.checkpoint);
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const prompt = Float32Array.from({ length: learnedCount(task.trainable) }, () => scale * random.normal());
    return savedPrompt(task, { prompt, initial: prompt, tuning: { maxLength: 256 }, metrics: [] });
  });
}

export async function writePrompts(folder: string, prompts: readonly SavedPrompt[]): Promise<void> {
  for (const [i, prompt] of prompts.entries()) await writePrompt(join(folder, nameOf(i)), prompt, { overwrite: true });
}

/** A prompt of the embedded model, whose answers mean nothing. */
export async function writeSmallPrompt(path: string): Promise<void> {
  const template = '[soft:4]{text} It was{label}';
  const labels = { '0': ' bad', '1': ' good' };
  const task = textTask(await loadModel('embedded'), { template, labels, maxLength: 64, loss: 'labels' });
  const prompt = new Float32Array(learnedCount(task.trainable)).fill(0.1);
  await writePrompt(path, savedPrompt(task, { prompt, initial: prompt, tuning: { maxLength: 64 }, metrics: [] }));
}

export const nameOf = (i: number): string => `prompt-${i}`;

/** SST-2's test sentences. */
export function testTexts(): string[] {
  return readFileSync(sst2Files(1).test, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { text: string }).text);
}
