import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../atomic-file.js';
import { SoftpromptError } from '../errors.js';

/** Writes plain data with Float32Arrays in it as JSON, exactly; never leaves a torn file. */
export async function writeStateFile(path: string, format: string, content: object): Promise<void> {
  const pack = (_: string, value: unknown) =>
    value instanceof Float32Array
      ? { float32: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') }
      : value;
  await writeFileAtomically(path, JSON.stringify({ format, ...content }, pack));
}

/** Reads what `writeStateFile` wrote. Errors: STATE_UNREADABLE. */
export async function readStateFile(path: string, format: string): Promise<Readonly<Record<string, unknown>>> {
  const unreadable = (found: string, cause?: unknown) =>
    new SoftpromptError(
      'STATE_UNREADABLE',
      {
        found,
        expected: `a file with the format '${format}'`,
        fix: 'Resume from the folder that the run wrote, with the version of softprompt that wrote it, or start anew.',
      },
      { cause },
    );
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw unreadable(`There is no readable training state at ${path}`, error);
  }
  const unpack = (_: string, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('float32' in value)) return value;
    return new Float32Array(Uint8Array.from(Buffer.from(String(value.float32), 'base64')).buffer);
  };
  try {
    const content = JSON.parse(text, unpack) as Record<string, unknown>;
    if (content.format === format) return content;
  } catch (error) {
    throw unreadable(`The training state ${path} is damaged`, error);
  }
  throw unreadable(`The training state ${path} has an unknown format`);
}
