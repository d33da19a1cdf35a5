import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from '../running-process.js';

const HEARTBEAT_MS = 5_000;
const STALE_MS = 60_000;
const POLL_MS = 200;

/**
 * Runs `use` while no other process that locks the same path does. The lock is a file that its holder touches every few
 * seconds; a lock whose process is gone, or that was not touched for a minute, is taken over. Best effort: two holders at
 * once are possible after such a take-over.
 */
export async function withFileLock<T>(
  path: string,
  signal: AbortSignal | undefined,
  use: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  while (!(await acquire(path))) {
    if (await isAbandoned(path)) await discard(path);
    else await sleep(POLL_MS, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
  }
  const heartbeat = setInterval(() => utimes(path, new Date(), new Date()).catch(() => {}), HEARTBEAT_MS);
  try {
    return await use();
  } finally {
    clearInterval(heartbeat);
    await rm(path, { force: true });
  }
}

async function acquire(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    await writeFile(path, JSON.stringify({ host: hostname(), pid: process.pid }));
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  return true;
}

async function isAbandoned(path: string): Promise<boolean> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) return false;
  if (Date.now() - facts.mtimeMs > STALE_MS) return true;
  const holder = /^\{"host":"(?<host>.*)","pid":(?<pid>\d+)\}$/.exec(
    await readFile(path, 'utf8').catch(() => ''),
  )?.groups;
  return holder?.host === hostname() && !isRunning(Number(holder.pid));
}

/** Renames first: of several processes that find the same lock abandoned, one succeeds. */
async function discard(path: string): Promise<void> {
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  await rename(path, aside).catch(() => {});
  await rm(aside, { force: true });
}
