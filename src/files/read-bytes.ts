import { closeSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { SoftpromptError } from '../errors.js';

/** An open file of known size. Close it with `handle.close()`. */
export interface OpenFile {
  readonly path: string;
  readonly handle: FileHandle;
  /** In bytes, when it was opened. */
  readonly size: number;
}

/** Opens a regular file for reading. Errors: MODEL_FILE_UNREADABLE (missing, a folder, no permission). */
export async function openForReading(path: string): Promise<OpenFile> {
  try {
    const handle = await open(path, 'r');
    const facts = await handle.stat();
    if (facts.isFile()) return { path, handle, size: facts.size };
    await handle.close();
  } catch (cause) {
    throw unreadable(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
  throw unreadable(path, 'it is not a regular file');
}

/** Opens a file, hands it to `use` and closes it in any case. */
export async function withOpenFile<T>(path: string, use: (file: OpenFile) => Promise<T>): Promise<T> {
  const file = await openForReading(path);
  try {
    return await use(file);
  } finally {
    await file.handle.close();
  }
}

/** Node takes no length from 2 GiB on. */
const MOST_AT_ONCE = 2 ** 30;

/** Reads exactly `length` bytes at `offset`. Errors: MODEL_FILE_UNREADABLE where the file ends before. */
export async function readExactly(file: OpenFile, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.handle.read(bytes, done, Math.min(length - done, MOST_AT_ONCE), offset + done);
    if (bytesRead === 0) throw unreadable(file.path, `it ends before byte ${offset + length}`);
    done += bytesRead;
  }
  return bytes;
}

/** `readExactly` for small pieces, where waiting for each would cost more than reading it. */
export function readExactlySync(file: OpenFile, offset: number, length: number): Uint8Array<ArrayBuffer> {
  return readOpenSync(file.handle.fd, file.path, offset, length);
}

/** The same of a file that nobody has open. */
export function readPartSync(path: string, offset: number, length: number): Uint8Array<ArrayBuffer> {
  const file = openSync(path, 'r');
  try {
    return readOpenSync(file, path, offset, length);
  } finally {
    closeSync(file);
  }
}

function readOpenSync(file: number, path: string, offset: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const count = readSync(file, bytes, done, Math.min(length - done, MOST_AT_ONCE), offset + done);
    if (count === 0) throw unreadable(path, `it ends before byte ${offset + length}`);
    done += count;
  }
  return bytes;
}

/** Bytes that are copied at once. */
const PIECE = 2 ** 18;

/** Copies bytes to where another file is being written. Errors: MODEL_FILE_UNREADABLE where the file ends before. */
export async function copyExactly(file: OpenFile, offset: number, length: number, to: FileHandle): Promise<void> {
  const piece = new Uint8Array(Math.min(PIECE, length));
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.handle.read(piece, 0, Math.min(PIECE, length - done), offset + done);
    if (bytesRead === 0) throw unreadable(file.path, `it ends before byte ${offset + length}`);
    await to.writeFile(piece.subarray(0, bytesRead));
    done += bytesRead;
  }
}

/** Writes all bytes at `position`: one write may take only a part. Errors of the file system stay what they are. */
export async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}

/** A whole text. Errors: MODEL_FILE_UNREADABLE. */
export function readText(path: string): Promise<string> {
  return withOpenFile(path, ({ handle }) =>
    handle.readFile('utf8').catch((cause) => {
      throw unreadable(path, `it cannot be read: ${cause instanceof Error ? cause.message : cause}`, cause);
    }),
  );
}

function unreadable(path: string, why: string, cause?: unknown): SoftpromptError {
  return new SoftpromptError(
    'MODEL_FILE_UNREADABLE',
    {
      found: `The file ${path} cannot be read: ${why}`,
      expected: 'a complete, readable file',
      fix: 'Check the path and the permissions, and download the file again if it was cut short.',
    },
    { cause },
  );
}
