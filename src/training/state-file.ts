import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { SoftpromptError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-file.js';
import { parseRecord } from '../files/json-record.js';

/** Writes plain data with Float32Arrays in it as JSON, exactly; never leaves a torn file. */
export async function writeStateFile(path: string, format: string, content: object): Promise<void> {
  const pack = (_: string, value: unknown) =>
    value instanceof Float32Array
      ? { float32: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') }
      : value;
  await writeFileAtomically(path, JSON.stringify({ format, ...content }, pack));
}

/** Reads what `writeStateFile` wrote. Errors: STATE_UNREADABLE. */
export async function readStateFile<T>(path: string, format: string, schema: z.ZodType<T>): Promise<T> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw stateUnreadable(path, cause instanceof Error ? cause.message : String(cause), format, cause);
  });
  const read = parseRecord(text, schema, { format, revive: unpack });
  if (read.problem === undefined) return read.record;
  throw stateUnreadable(path, read.problem, format);
}

export function stateUnreadable(path: string, problem: string, format: string, cause?: unknown): SoftpromptError {
  return new SoftpromptError(
    'STATE_UNREADABLE',
    {
      found: `The training state ${path} cannot be used: ${problem}`,
      expected: `the file as softprompt wrote it, of the format '${format}'`,
      fix: 'Resume from the folder that the run wrote, with the version of softprompt that wrote it, or start anew.',
    },
    { cause },
  );
}

function unpack(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('float32' in value)) return value;
  const bytes = Buffer.from(String(value.float32), 'base64');
  return bytes.length % 4 === 0 ? new Float32Array(Uint8Array.from(bytes).buffer) : value;
}
