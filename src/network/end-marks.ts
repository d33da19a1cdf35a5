import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { parseRecord } from '../files/json-record.js';
import { readGguf } from '../weights/gguf.js';
import type { Checkpoint } from './checkpoint/checkpoint.js';

const id = z.int().nonnegative();
const settings = z.looseObject({ eos_token_id: z.union([id, z.array(id)]).nullish() });

/**
 * The ids with which a model ends a text, the one that is learned first: those of generation_config.json, else of config.json
 * or of the GGUF file; none where nothing says so.
 */
export async function endMarks({ tokenizer, gguf, config }: Checkpoint): Promise<readonly number[]> {
  const found = gguf === undefined ? await fromJson(dirname(tokenizer.path)) : await fromGguf(gguf);
  return [...new Set(found)].filter((mark) => mark < config.vocabularySize);
}

async function fromJson(folder: string): Promise<readonly number[]> {
  for (const name of ['generation_config.json', 'config.json']) {
    const path = join(folder, name);
    if (!existsSync(path)) continue;
    const { record } = parseRecord(await readFile(path, 'utf8'), settings);
    const marks = record?.eos_token_id;
    if (marks !== undefined && marks !== null) return typeof marks === 'number' ? [marks] : marks;
  }
  return [];
}

/** `eot` ends a turn of a chat, where a model tells it from the end of a text. */
async function fromGguf(path: string): Promise<readonly number[]> {
  const { metadata } = await readGguf(path);
  return ['eos', 'eot'].flatMap((name) => {
    const mark = metadata.get(`tokenizer.ggml.${name}_token_id`);
    return typeof mark === 'number' ? [mark] : [];
  });
}
