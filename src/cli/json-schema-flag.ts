import { readFile } from 'node:fs/promises';
import { SoftpromptError } from '../errors.js';

/** The schema of a file, as programs give it. @throws DECODING_OPTION */
export async function readJsonSchema(file: string | undefined): Promise<{ readonly jsonSchema?: unknown }> {
  if (file === undefined) return {};
  try {
    return { jsonSchema: JSON.parse(await readFile(file, 'utf8')) };
  } catch (cause) {
    const found = `--json-schema ${file}: ${(cause as Error).message}`;
    const expected = 'a file with a JSON schema, such as {"type":"object","properties":{"name":{"type":"string"}}}';
    throw new SoftpromptError('DECODING_OPTION', { found, expected, fix: 'Check the path and the file.' }, { cause });
  }
}
