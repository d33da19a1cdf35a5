import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SoftpromptError } from '../../errors.js';
import { writeFileAtomically } from '../../files/atomic-file.js';
import { readJsonFile } from '../../files/json-file.js';
import { softpromptCommand } from '../../shell-command.js';
import { contentHash, RECORD } from './recommender-files.js';
import { parseRecommenderRecord } from './recommender-record.js';

const wordsRecord = z.object({
  formatVersion: z.literal(1),
  /** The frozen model: a hub id, or where it lies. */
  model: z.string(),
  template: z.string(),
  /** The folder of a learned prompt that has this template. */
  prompt: z.string().nullable(),
  prior: z.string().nullable(),
  scoring: z.object({ prior: z.number(), lengthPower: z.number() }),
  /** Missing: the titles' own likelihood. */
  form: z.literal('yes-no').exactOptional(),
  /** Of a history with its title, in tokens; missing where an older version wrote it. */
  maxLength: z.int().positive().exactOptional(),
  titleColumn: z.string().nullable(),
  weight: z.number(),
  candidates: z.int().positive(),
  /** What the weight was chosen by: NDCG@10 of validation users, by weight. */
  validation: z.object({
    users: z.int().positive(),
    ndcg: z.array(z.object({ weight: z.number(), 'ndcg@10': z.number() })),
    /** In NDCG@10, judged across halves of the users; missing where an older version wrote it. */
    gain: z.number().exactOptional(),
    /** null where one user alone was asked. */
    standardError: z.number().nullable().exactOptional(),
    kept: z.boolean().exactOptional(),
  }),
  /** The recommender that it was chosen for, see `contentHash`; missing where an older version wrote it. */
  recommender: z.string().exactOptional(),
});

/** How a recommender's items are ranked anew by their titles, as chosen on validation. */
export type WordsRecord = Omit<z.infer<typeof wordsRecord>, 'formatVersion' | 'recommender'>;

const WORDS = 'words.json';

/** Adds `words.json` to a recommender's folder. */
export async function writeWords(folder: string, words: WordsRecord): Promise<void> {
  const recommender = await recommenderOf(folder);
  const record = { formatVersion: 1, ...words, ...(recommender !== undefined && { recommender }) };
  await writeFileAtomically(join(folder, WORDS), `${JSON.stringify(record, null, 2)}\n`);
}

/** Undefined where nothing was chosen yet. Errors: PROMPT_FILE_INVALID, also for what was chosen for another recommender. */
export async function readWords(folder: string): Promise<WordsRecord | undefined> {
  const path = join(folder, WORDS);
  if (!existsSync(path)) return undefined;
  const { recommender, formatVersion: _, ...words } = await readJsonFile(path, wordsRecord);
  const own = await recommenderOf(folder);
  if (recommender === undefined || own === undefined || recommender === own) return words;
  throw new SoftpromptError('PROMPT_FILE_INVALID', {
    found: `${path} was chosen for another recommender`,
    expected: `the weight of the titles beside the recommender in ${folder}`,
    fix: `Choose it anew with \`${softpromptCommand('recommend', 'weigh-words', folder, '--model')} MODEL\`, or remove the file.`,
  });
}

/** For a folder that is written: what was chosen for another recommender than this one goes. */
export async function keepWords(folder: string, recommender: string): Promise<void> {
  const path = join(folder, WORDS);
  if (!existsSync(path)) return;
  const words = await readJsonFile(path, wordsRecord).catch(() => undefined);
  if (words?.recommender !== recommender) await rm(path, { force: true });
}

/** The content of the recommender in a folder; undefined where its record does not tell. */
async function recommenderOf(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, RECORD), 'utf8').catch(() => '{}');
  const files = parseRecommenderRecord(text).record?.files;
  return files && contentHash(files);
}
