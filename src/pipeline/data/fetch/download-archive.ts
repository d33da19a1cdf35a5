import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { HubFailure } from '../../../model/hub-errors.js';
import { readText, request, withRetries } from '../../../model/hub-request.js';
import type { HubSettings } from '../../../model/hub-settings.js';

/** What came, where the digest is another. */
export class WrongDigest extends Error {
  override readonly name = 'WrongDigest';
  constructor(
    readonly digest: string,
    readonly expected: string,
  ) {
    super(`MD5 ${digest} instead of ${expected}`);
  }
}

/** The digest that a publisher lays beside a file: `MD5 (ml-1m.zip) = c4d9…`, or `c4d9… ml-1m.zip`. */
export async function publishedMd5(url: string, settings: HubSettings): Promise<string> {
  const text = await withRetries(settings, () => request({ method: 'GET', url: `${url}.md5` }, settings, readText));
  const digest = /\b[0-9a-f]{32}\b/i.exec(text)?.[0];
  if (digest === undefined) throw new WrongDigest('', `a digest in ${url}.md5`);
  return digest.toLowerCase();
}

/**
 * Downloads a file, going on where an earlier attempt ended, and moves it to its place when its digest is right.
 * Throws `WrongDigest`, and the errors of requests and of the file system.
 */
export async function downloadArchive(url: string, path: string, md5: string, settings: HubSettings): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.part`;
  const begun = await sizeOf(partial);
  let furthest = begun;
  await withRetries(settings, (progressed) =>
    fetchRest(url, partial, settings, (bytes) => {
      if (bytes > furthest) progressed();
      furthest = Math.max(furthest, bytes);
    }),
  );
  const digest = await md5Of(partial);
  if (digest === md5) return rename(partial, path);
  await rm(partial);
  // what an earlier attempt left may be of another version
  if (begun > 0) return downloadArchive(url, path, md5, settings);
  throw new WrongDigest(digest, md5);
}

export async function md5Of(path: string): Promise<string> {
  const hash = createHash('md5');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function fetchRest(
  url: string,
  partial: string,
  settings: HubSettings,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const have = await sizeOf(partial);
  const from = have > 0 ? { fromByte: have } : {};
  await request({ method: 'GET', url, ...from }, settings, async ({ status, headers, chunks }) => {
    const range = headers.get('content-range') ?? '';
    const total = Number(/\/(\d+)$/.exec(range)?.[1] ?? headers.get('content-length') ?? Number.NaN);
    if (status === 416 && total === have) return;
    const continues = status === 206 && range.startsWith(`bytes ${have}-`);
    if (status !== 200 && !continues) {
      await rm(partial, { force: true });
      throw new HubFailure(`${url} does not continue at byte ${have}`);
    }
    let at = continues ? have : 0;
    const file = await open(partial, continues ? 'r+' : 'w');
    try {
      for await (const chunk of chunks) {
        for (let done = 0; done < chunk.length; ) {
          done += (await file.write(chunk, done, chunk.length - done, at + done)).bytesWritten;
        }
        at += chunk.length;
        onBytes(at);
        settings.onProgress({ file: url, bytes: at, totalBytes: Number.isNaN(total) ? at : total });
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (at < total) throw new HubFailure(`${url} ended after ${at} of ${total} bytes`);
  });
}

async function sizeOf(path: string): Promise<number> {
  return existsSync(path) ? (await stat(path)).size : 0;
}
