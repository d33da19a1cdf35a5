import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { blobLockPath, blobPath } from './hub-cache.js';
import { checksumMismatch, HubFailure } from './hub-errors.js';
import type { HubFile } from './hub-listing.js';
import { withFileLock } from './hub-lock.js';
import { request, withRetries } from './hub-request.js';
import type { HubSettings } from './hub-settings.js';

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
    if (!existsSync(blob)) await downloadLocked(blob, file, url, settings);
  });
}

async function downloadLocked(blob: string, file: HubFile, url: string, settings: HubSettings): Promise<void> {
  const partial = partialPath(blob);
  const begun = await sizeOf(partial);
  let furthest = begun;
  await withRetries(settings, async (progressed) => {
    await fetchRest(partial, file, url, settings, (bytes) => {
      if (bytes > furthest) progressed();
      furthest = Math.max(furthest, bytes);
    });
  });
  const digest = await digestOf(partial, file);
  if (digest === file.digest) return rename(partial, blob);
  await rm(partial);
  // The part that an earlier run left may be what is wrong.
  if (begun > 0) return downloadLocked(blob, file, url, settings);
  throw checksumMismatch(url, `the checksum ${digest}`, `the checksum ${file.digest}`);
}

/** Downloads what is missing in the partial file; all of it where the server cannot continue. */
async function fetchRest(
  partial: string,
  file: HubFile,
  url: string,
  settings: HubSettings,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const have = await sizeOf(partial);
  if (have === file.size && existsSync(partial)) return;
  const fromByte = have > 0 && have < file.size ? { fromByte: have } : {};
  await request({ method: 'GET', url, ...fromByte }, settings, async ({ status, headers, chunks }) => {
    const continues = status === 206 && headers.get('content-range')?.startsWith(`bytes ${have}-`);
    if (status === 416 || (status === 206 && !continues)) {
      await rm(partial, { force: true });
      throw new HubFailure(`${url} does not continue at byte ${have}`);
    }
    let at = continues ? have : 0;
    const handle = await open(partial, continues ? 'r+' : 'w');
    try {
      for await (const chunk of chunks) {
        if (at + chunk.length > file.size) {
          await rm(partial);
          throw checksumMismatch(url, `more than ${file.size} bytes`, `${file.size} bytes`);
        }
        await writeFully(handle, chunk, at);
        at += chunk.length;
        onBytes(at);
        settings.onProgress({ file: file.path, bytes: at, totalBytes: file.size });
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (at < file.size) throw new HubFailure(`${url} ended after ${at} of ${file.size} bytes`);
  });
}

async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}

/** sha256 of the content, or git's sha1 of it with its header, whichever the hub announced. */
async function digestOf(path: string, { digest, size }: HubFile): Promise<string> {
  const hash = digest.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}
