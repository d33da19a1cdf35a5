import { createHash, type Hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeFileAtomically } from './atomic-file.js';
import { withOpenFile } from './read-bytes.js';

const CHUNK_BYTES = 1 << 22;

/**
 * sha256 (hex) over the bytes of files, one after the other. Remembered in the cache folder by path, size and time of
 * change, so that it is computed once. `onBytes` hears how many bytes were hashed so far, if any need be.
 * Errors: MODEL_FILE_UNREADABLE.
 */
export async function hashFiles(
  files: readonly string[],
  cacheFolder: string,
  onBytes?: (done: number, total: number) => void,
): Promise<string> {
  const facts = await Promise.all(
    files.map((path) => withOpenFile(path, ({ handle }) => handle.stat({ bigint: true }))),
  );
  const identity = files.map((path, i) => `${resolve(path)}\n${facts[i]!.size}\n${facts[i]!.mtimeNs}\n`).join('');
  const memory = join(cacheFolder, 'hashes', createHash('sha256').update(identity).digest('hex'));
  const remembered = await readFile(memory, 'utf8').catch(() => '');
  if (/^[0-9a-f]{64}$/.test(remembered)) return remembered;
  const total = facts.reduce((sum, { size }) => sum + Number(size), 0);
  const hash = createHash('sha256');
  let done = 0;
  for (const path of files) {
    await hashFile(hash, path, (bytes) => {
      done += bytes;
      onBytes?.(done, total);
    });
  }
  const digest = hash.digest('hex');
  // A cache that cannot be written costs time, not correctness.
  await writeFileAtomically(memory, digest).catch(() => {});
  return digest;
}

function hashFile(hash: Hash, path: string, onBytes: (bytes: number) => void): Promise<void> {
  return withOpenFile(path, async ({ handle }) => {
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return;
      hash.update(buffer.subarray(0, bytesRead));
      onBytes(bytesRead);
    }
  });
}
