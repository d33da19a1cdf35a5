import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SoftpromptError } from '../errors.js';
import { replaceFileAtomically } from '../files/atomic-file.js';
import { writeFailure } from '../files/write-failure.js';

/** Files by the sha256 (hex) of their bytes, where all machines reach them. */
export interface ContentStore {
  /** As the store is named: a folder or `s3://…`. */
  readonly place: string;
  has(hash: string): Promise<boolean>;
  /** Keeps a file, by its path, or bytes; what is there already stays. */
  put(hash: string, content: string | Uint8Array): Promise<void>;
  /** The bytes of a file. @throws QUEUE_CONTENT_MISSING */
  open(hash: string): Promise<NodeJS.ReadableStream>;
}

/** Files by content in a folder that all machines mount. */
export class FolderStore implements ContentStore {
  constructor(readonly place: string) {}

  async has(hash: string): Promise<boolean> {
    return existsSync(this.path(hash));
  }

  async put(hash: string, content: string | Uint8Array): Promise<void> {
    const path = this.path(hash);
    if (existsSync(path)) return;
    await writing(this.place, async () => {
      await mkdir(dirname(path), { recursive: true });
      await replaceFileAtomically(path, (temporary) => copyVerified(streamOf(content), temporary, hash));
    });
  }

  async open(hash: string): Promise<NodeJS.ReadableStream> {
    const path = this.path(hash);
    if (!existsSync(path)) throw missing(hash, this.place);
    return createReadStream(path);
  }

  private readonly path = (hash: string) => join(this.place, 'objects', hash.slice(0, 2), hash);
}

export const streamOf = (content: string | Uint8Array): Readable =>
  typeof content === 'string' ? createReadStream(content) : Readable.from([content]);

/** Copies a stream into a file and compares its hash. @throws QUEUE_CONTENT_DAMAGED */
export const copyVerified = (from: NodeJS.ReadableStream, file: string, hash: string): Promise<void> =>
  pipeline(from, verified(hash), createWriteStream(file));

/** Lets bytes of this sha256 through; of others never the last chunk, but QUEUE_CONTENT_DAMAGED. */
export function verified(hash: string): Transform {
  const sum = createHash('sha256');
  let held: Uint8Array | undefined;
  return new Transform({
    transform(chunk: Uint8Array, _, done) {
      sum.update(chunk);
      const before = held;
      held = chunk;
      done(null, before);
    },
    flush(done) {
      const found = sum.digest('hex');
      if (found === hash) done(null, held);
      else done(damaged(found, hash));
    },
  });
}

const damaged = (found: string, hash: string) =>
  new SoftpromptError('QUEUE_CONTENT_DAMAGED', {
    found: `A file came with the sha256 ${found}`,
    expected: hash,
    fix: 'It changed while it was read, or the store (--store) is damaged: begin the job again.',
  });

export const missing = (hash: string, place: string): SoftpromptError =>
  new SoftpromptError('QUEUE_CONTENT_MISSING', {
    found: `The store ${place} has no file ${hash}`,
    expected: 'what the job names: its data, model or prompt',
    fix: 'Give worker and client the same store (--store), and begin the job again.',
  });

/** @throws QUEUE_STORE instead of what the file system says */
export async function writing<T>(place: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const failure = error instanceof SoftpromptError ? undefined : writeFailure(error, 'another store (--store)');
    if (failure === undefined) throw error;
    throw new SoftpromptError(
      'QUEUE_STORE_UNWRITABLE',
      { found: `${place} cannot be written: ${(error as Error).message}`, ...failure },
      { cause: error },
    );
  }
}
