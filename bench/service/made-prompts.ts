import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fitRecommender } from '../../src/library/recommend.js';
import { embeddingScale } from '../../src/network/checkpoint/embedding-rows.js';
import { type FrozenModel, loadModel } from '../../src/network/load-model.js';
import { learnedCount } from '../../src/network/trainable.js';
import { Random } from '../../src/random.js';
import { fitPreference } from '../../src/recommend/preference/fit-preference.js';
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

/** A recommender and a preference of the embedded model, `lists` and `likes`, fitted for a moment. */
export async function writeSmallRecommenders(shelf: string, spare: string): Promise<void> {
  const random = new Random(3);
  const rows = Array.from({ length: 400 }, (_, i) => ({
    ...{ user_id: `u${random.integer(20)}`, item_id: `i${random.integer(30)}`, timestamp: 1_000 + i },
    rating: 1 + random.integer(5),
  }));
  await mkdir(spare, { recursive: true });
  const items = join(spare, 'items.csv');
  const lines = Array.from({ length: 30 }, (_, i) => `i${i},The thing ${i},${i % 3 === 0 ? 'red' : 'blue'}`);
  await writeFile(items, ['item_id,title,kind', ...lines].join('\n'));
  const interactions = join(spare, 'interactions.jsonl');
  await writeFile(interactions, rows.map((row) => JSON.stringify(row)).join('\n'));
  await fitRecommender({
    ...{ interactions, items, model: 'embedded', itemTemplate: '{title}', text: 'always', textWidth: 8 },
    ...{ out: join(shelf, 'lists'), threads: 1, itemItem: false },
    network: { width: 16, layers: 1, maxLength: 16, epochs: 1, patience: 1 },
  } as Parameters<typeof fitRecommender>[0]);
  await fitPreference({
    ...{ model: 'embedded', train: rows, items, out: join(shelf, 'likes'), maxSteps: 1, baselines: false, threads: 1 },
    template: '[soft:2][user:stats][item:stats]{title|max=8}{label}',
  });
}

export const nameOf = (i: number): string => `prompt-${i}`;

/** SST-2's test sentences. */
export function testTexts(): string[] {
  return readFileSync(sst2Files(1).test, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { text: string }).text);
}
