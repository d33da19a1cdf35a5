import { randomBytes } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type FileHandle, link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { parseRecord } from '../files/json-record.js';
import { isRunning } from '../files/running-process.js';

const HEARTBEAT_MS = 5_000;
const STALE_MS = 60_000;
const POLL_MS = 200;

/**
 * Runs `use` while no other process that locks the same path does. The lock is a file that its holder touches every few
 * seconds; a lock whose process is gone, or that was not touched for a minute, is taken over. Each holder touches and
 * removes its own file alone. Best effort: two holders at once are possible after such a take-over.
 */
export async function withFileLock<T>(
  path: string,
  signal: AbortSignal | undefined,
  use: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const holder = JSON.stringify({ host: hostname(), pid: process.pid, token: randomBytes(8).toString('hex') });
  let file: FileHandle | undefined;
  for (;;) {
    file = await acquire(path, holder);
    if (file !== undefined) break;
    const abandoned = await abandonedLock(path);
    if (abandoned !== undefined) await discard(path, abandoned);
    else await sleep(POLL_MS, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
  }
  const own = file;
  const heartbeat = setInterval(() => own.utimes(new Date(), new Date()).catch(() => {}), HEARTBEAT_MS);
  try {
    return await use();
  } finally {
    clearInterval(heartbeat);
    await own.close();
    if ((await readFile(path, 'utf8').catch(() => '')) === holder) await rm(path, { force: true });
  }
}

/** The lock's file, or undefined where there is one already. */
async function acquire(path: string, holder: string): Promise<FileHandle | undefined> {
  const file = await open(path, 'wx').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return undefined;
    throw error;
  });
  try {
    await file?.writeFile(holder);
  } catch (error) {
    await file?.close();
    await rm(path, { force: true });
    throw error;
  }
  return file;
}

const HOLDER = z.object({ host: z.string(), pid: z.int().positive() });

/** What tells the lock of a holder that is gone from every other; undefined where its holder lives. */
async function abandonedLock(path: string): Promise<string | undefined> {
  const facts = await stat(path, { bigint: true }).catch(() => undefined);
  if (facts === undefined) return undefined;
  if (Date.now() - Number(facts.mtimeMs) > STALE_MS) return identity(facts);
  const { record: holder } = parseRecord(await readFile(path, 'utf8').catch(() => ''), HOLDER);
  return holder?.host === hostname() && !isRunning(holder.pid) ? identity(facts) : undefined;
}

const identity = ({ dev, ino, mtimeNs }: BigIntStats) => `${dev} ${ino} ${mtimeNs}`;

/** Renames first: of several processes that find the same lock abandoned, one succeeds. A successor's is put back. */
async function discard(path: string, abandoned: string): Promise<void> {
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  const renamed = await rename(path, aside).then(
    () => stat(aside, { bigint: true }),
    () => undefined,
  );
  if (renamed !== undefined && identity(renamed) !== abandoned) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}
