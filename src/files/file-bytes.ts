import { createReadStream, existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { SoftpromptError } from '../errors.js';
import { nearestPath } from './nearest-path.js';

/**
 * Streams a file's bytes, unpacked where it is gzip (told by its first two bytes, not by its name).
 * @throws DATA_FILE_UNREADABLE where the file is missing, a folder or forbidden; DATA_GZIP_DAMAGED.
 */
export async function* readFileBytes(path: string): AsyncGenerator<Buffer> {
  const gzip = await isGzip(path);
  const file = createReadStream(path);
  const bytes = gzip ? pipeline(file, createGunzip(), () => {}) : file;
  try {
    for await (const chunk of bytes) yield chunk as Buffer;
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
      throw new SoftpromptError(
        'DATA_GZIP_DAMAGED',
        {
          found: `${path} cannot be unpacked: ${error.message}`,
          expected: 'a whole gzip file',
          fix: `Fetch or copy it again; \`gzip -t ${path}\` checks it.`,
        },
        { cause: error },
      );
    }
    throw error;
  }
}

/** The file's first bytes, unpacked; none of an empty file. Errors: those of readFileBytes. */
export async function firstBytes(path: string): Promise<Buffer> {
  for await (const chunk of readFileBytes(path)) return chunk;
  return Buffer.alloc(0);
}

/** Whether the file begins as gzip does. @throws DATA_FILE_UNREADABLE */
export async function isGzip(path: string): Promise<boolean> {
  try {
    const file = await open(path);
    try {
      const start = Buffer.alloc(2);
      await file.read(start, 0, 2, 0);
      return start[0] === 0x1f && start[1] === 0x8b;
    } finally {
      await file.close();
    }
  } catch (error) {
    const exists = existsSync(path);
    const near = exists ? undefined : nearestPath(path);
    throw new SoftpromptError(
      'DATA_FILE_UNREADABLE',
      {
        found: exists
          ? `${path} cannot be read: ${error instanceof Error ? error.message : error}`
          : `There is no file ${path}`,
        expected: 'a data file',
        fix: near ? `Did you mean ${near}?` : 'Check the path and its permissions.',
      },
      { cause: error },
    );
  }
}
