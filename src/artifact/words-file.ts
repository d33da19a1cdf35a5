import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../atomic-file.js';
import { readJsonFile } from './json-file.js';

const wordsRecord = z.object({
  formatVersion: z.literal(1),
  /** The frozen model: a hub id, or where it lies. */
  model: z.string(),
  template: z.string(),
  /** The folder of a learned prompt that has this template. */
  prompt: z.string().nullable(),
  prior: z.string().nullable(),
  scoring: z.object({ prior: z.number(), lengthPower: z.number() }),
  titleColumn: z.string().nullable(),
  weight: z.number(),
  candidates: z.int().positive(),
  /** What the weight was chosen by: NDCG@10 of validation users, by weight. */
  validation: z.object({
    users: z.int().positive(),
    ndcg: z.array(z.object({ weight: z.number(), 'ndcg@10': z.number() })),
  }),
});

/** How a recommender's items are ranked anew by their titles, as chosen on validation. */
export type WordsRecord = Omit<z.infer<typeof wordsRecord>, 'formatVersion'>;

const WORDS = 'words.json';

/** Adds `words.json` to a recommender's folder. */
export async function writeWords(folder: string, words: WordsRecord): Promise<void> {
  await writeFileAtomically(join(folder, WORDS), `${JSON.stringify({ formatVersion: 1, ...words }, null, 2)}\n`);
}

/** Undefined where nothing was chosen yet. Errors: PROMPT_FILE_INVALID. */
export async function readWords(folder: string): Promise<WordsRecord | undefined> {
  const path = join(folder, WORDS);
  return existsSync(path) ? readJsonFile(path, wordsRecord) : undefined;
}

/** For a folder whose recommender changes: the weight was chosen for the one before. */
export async function removeWords(folder: string): Promise<void> {
  await rm(join(folder, WORDS), { force: true });
}
