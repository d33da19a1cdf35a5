import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readText, request, withRetries } from '../hub-request.js';
import type { HubSettings } from '../hub-settings.js';
import { downloadVerified } from '../verified-download.js';

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
  const wrongDigest = (found: string) => new WrongDigest(found, md5);
  const download = { url, path, partial: `${path}.part`, name: url, digest: md5, digestOf: md5Of, wrongDigest };
  await downloadVerified(download, settings);
}

export async function md5Of(path: string): Promise<string> {
  const hash = createHash('md5');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
