import { existsSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { writeFully } from '../files/read-bytes.js';
import { checksumMismatch, HubFailure } from './hub-errors.js';
import { request, withRetries } from './hub-request.js';
import type { HubSettings } from './hub-settings.js';

export interface Download {
  readonly url: string;
  /** Where the file goes when its digest is right. */
  readonly path: string;
  /** Where its bytes gather until then. */
  readonly partial: string;
  /** What it is called where progress is reported. */
  readonly name: string;
  /** In bytes, where it is known before; otherwise the server's word is taken. */
  readonly size?: number;
  readonly digest: string;
  readonly digestOf: (path: string) => Promise<string>;
  /** The error where the digest is another. */
  readonly wrongDigest: (digest: string) => Error;
}

/**
 * Downloads a file, going on where an earlier attempt ended, and moves it to its place when its digest is right. What
 * has come is kept on every failure but a wrong digest or too many bytes.
 * Throws what `wrongDigest` makes, HUB_CHECKSUM where more bytes come than `size`, and the errors of requests and of
 * the file system.
 */
export async function downloadVerified(download: Download, settings: HubSettings): Promise<void> {
  const { partial } = download;
  const begun = await sizeOf(partial);
  let furthest = begun;
  await withRetries(settings, async (progressed) => {
    await fetchRest(download, settings, (bytes) => {
      if (bytes > furthest) progressed();
      furthest = Math.max(furthest, bytes);
    });
  });
  const digest = await download.digestOf(partial);
  if (digest === download.digest) return rename(partial, download.path);
  await rm(partial);
  // The part that an earlier run left may be what is wrong.
  if (begun > 0) return downloadVerified(download, settings);
  throw download.wrongDigest(digest);
}

/** Downloads what is missing in the partial file; all of it where the server cannot continue. */
async function fetchRest(
  { url, partial, name, size }: Download,
  settings: HubSettings,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const have = await sizeOf(partial);
  if (have === size && existsSync(partial)) return;
  const fromByte = have > 0 && have < (size ?? Number.POSITIVE_INFINITY) ? { fromByte: have } : {};
  await request({ method: 'GET', url, ...fromByte }, settings, async ({ status, headers, chunks }) => {
    const total = size ?? announcedSize(headers);
    if (status === 416 && have === total) return;
    const continues = status === 206 && headers.get('content-range')?.startsWith(`bytes ${have}-`);
    if (status === 416 || (status === 206 && !continues)) {
      await rm(partial, { force: true });
      throw new HubFailure(`${url} does not continue at byte ${have}`);
    }
    let at = continues ? have : 0;
    const file = await open(partial, continues ? 'r+' : 'w');
    try {
      for await (const chunk of chunks) {
        if (size !== undefined && at + chunk.length > size) {
          await rm(partial);
          throw checksumMismatch(url, `more than ${size} bytes`, `${size} bytes`);
        }
        await writeFully(file, chunk, at);
        at += chunk.length;
        onBytes(at);
        settings.onProgress({ file: name, bytes: at, totalBytes: total ?? at });
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (total !== undefined && at < total) throw new HubFailure(`${url} ended after ${at} of ${total} bytes`);
  });
}

/** Size of the whole file, where an answer says it. */
function announcedSize(headers: Headers): number | undefined {
  const size = /\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1] ?? headers.get('content-length');
  return size === null ? undefined : Number(size);
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}
