import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { withFileLock } from '../files/file-lock.js';
import { blobLockPath, blobPath } from './hub-cache.js';
import { checksumMismatch } from './hub-errors.js';
import type { HubFile } from './hub-listing.js';
import type { HubSettings } from './hub-settings.js';
import { downloadVerified } from './verified-download.js';

/** Where the bytes of a blob gather until all have arrived. A name of our own: huggingface_hub locks in another way. */
export function partialPath(blob: string): string {
  return `${blob}.softprompt.incomplete`;
}

/**
 * Downloads a file's content into the cache, unless it is there. Continues what an earlier run left, checks the digest,
 * and moves the whole file in at once. Of several processes one downloads and the others wait.
 * Errors: HUB_CHECKSUM, HUB_UNREACHABLE, HUB_NOT_FOUND, HUB_FORBIDDEN and those of the file system.
 */
export async function downloadBlob(folder: string, file: HubFile, url: string, settings: HubSettings): Promise<void> {
  const blob = blobPath(folder, file.digest);
  if (existsSync(blob)) return;
  await mkdir(dirname(blob), { recursive: true });
  await withFileLock(blobLockPath(folder, file.digest), settings.signal, async () => {
    if (existsSync(blob)) return;
    const { path: name, size, digest } = file;
    const wrongDigest = (found: string) => checksumMismatch(url, `the checksum ${found}`, `the checksum ${digest}`);
    const digestOf = (path: string) => contentDigest(path, file);
    const download = { url, path: blob, partial: partialPath(blob), name, size, digest, digestOf, wrongDigest };
    await downloadVerified(download, settings).catch((error) => {
      settings.signal?.throwIfAborted();
      // whoever took the lock over may have moved the whole file in
      if (!existsSync(blob)) throw error;
    });
  });
}

/** sha256 of the content, or git's sha1 of it with its header, whichever the hub announced. */
async function contentDigest(path: string, { digest, size }: HubFile): Promise<string> {
  const hash = digest.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
