import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { z } from 'zod';
import { SoftpromptError } from '../errors.js';

/**
 * Reads a JSON file of a prompt folder and checks it against a schema.
 * Errors: PROMPT_FOLDER_INCOMPLETE where it is missing, PROMPT_FILE_INVALID where it is not as the schema says.
 */
export async function readJsonFile<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const value = await readJson(path);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path: where, message } = result.error.issues[0]!;
  throw invalid(path, `'${where.join('.')}' is wrong: ${message}`);
}

async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new SoftpromptError(
      'PROMPT_FOLDER_INCOMPLETE',
      {
        found: `${dirname(path)} has no readable ${basename(path)}`,
        expected: 'a folder that softprompt or PEFT saved a prompt to',
        fix: 'Check the path; if saving was interrupted, tune or resume again.',
      },
      { cause },
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(path, 'it is not JSON', cause);
  }
}

function invalid(path: string, found: string, cause?: unknown): SoftpromptError {
  return new SoftpromptError(
    'PROMPT_FILE_INVALID',
    {
      found: `${path} cannot be used: ${found}`,
      expected: 'the file as it was saved',
      fix: 'Take an undamaged copy, or undo what was edited by hand.',
    },
    { cause },
  );
}
