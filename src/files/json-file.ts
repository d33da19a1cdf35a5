import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { z } from 'zod';
import { SoftpromptError } from '../errors.js';
import { parseRecord } from './json-record.js';
import { nearestPath } from './nearest-path.js';

/**
 * Reads a JSON file of a prompt folder and checks it against a schema.
 * Errors: PROMPT_FOLDER_INCOMPLETE where it is missing, PROMPT_FILE_INVALID where it is not as the schema says.
 */
export async function readJsonFile<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const read = parseRecord(await readJsonText(path), schema);
  if (read.problem === undefined) return read.record;
  throw new SoftpromptError('PROMPT_FILE_INVALID', {
    found: `${path} cannot be used: ${read.problem}`,
    expected: 'the file as it was saved',
    fix: 'Take an undamaged copy, or undo what was edited by hand.',
  });
}

async function readJsonText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const folder = dirname(path);
    const near = existsSync(folder) ? undefined : nearestPath(folder);
    throw new SoftpromptError(
      'PROMPT_FOLDER_INCOMPLETE',
      {
        found: existsSync(folder)
          ? `${folder} has no readable ${basename(path)}`
          : `There is no folder ${folder}, and so no ${basename(path)} in it`,
        expected: 'a folder that softprompt or PEFT saved a prompt to',
        fix: near ? `Did you mean ${near}?` : 'Check the path; if saving was interrupted, tune or resume again.',
      },
      { cause },
    );
  }
}
