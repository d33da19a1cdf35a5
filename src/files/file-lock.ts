import { randomBytes } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type FileHandle, link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { parseRecord } from './json-record.js';
import { isRunning } from './running-process.js';

const HEARTBEAT_MS = 5_000;
const STALE_MS = 60_000;
/** A living process of this machine may compute for so long without a pause in which it touches its lock. */
const BUSY_MS = 600_000;
const POLL_MS = 200;

/** Who holds a lock. */
export interface LockHolder {
  readonly host: string;
  readonly pid: number;
}

/** The locks of this process. */
const ours = new Set<string>();

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
  const holder = await newHolder(path);
  for (;;) {
    const file = await acquire(path, holder);
    if (file !== undefined) {
      const release = keep(path, holder, file);
      return use().finally(release);
    }
    const { abandoned } = await readLock(path);
    if (abandoned !== undefined) await discard(path, abandoned);
    else await sleep(POLL_MS, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
  }
}

/**
 * Takes the same lock, but another holder is not waited for: `refuse` makes the error. Its process may be busy for ten
 * minutes before its lock is taken over.
 * @returns what gives it back
 */
export async function takeLock(
  path: string,
  refuse: (holder: LockHolder | undefined) => Error,
): Promise<() => Promise<void>> {
  const holder = await newHolder(path);
  for (let attempt = 0; ; attempt++) {
    const file = await acquire(path, holder);
    if (file !== undefined) return keep(path, holder, file);
    const lock = await readLock(path, BUSY_MS);
    // a container that starts again has the same name and the same number as before
    const earlier = lock.holder?.pid === process.pid && lock.holder.host === hostname() && !ours.has(lock.content);
    const abandoned = earlier ? lock.identity : lock.abandoned;
    if (abandoned !== undefined) await discard(path, abandoned);
    else if (lock.identity !== undefined || attempt > 5) throw refuse(lock.holder);
  }
}

async function newHolder(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  return JSON.stringify({ host: hostname(), pid: process.pid, token: randomBytes(8).toString('hex') });
}

/** Keeps a lock that was acquired alive. @returns what gives it back */
function keep(path: string, holder: string, file: FileHandle): () => Promise<void> {
  ours.add(holder);
  const heartbeat = setInterval(() => file.utimes(new Date(), new Date()).catch(() => {}), HEARTBEAT_MS);
  return async () => {
    clearInterval(heartbeat);
    await file.close();
    if ((await readFile(path, 'utf8').catch(() => '')) === holder) await rm(path, { force: true });
    ours.delete(holder);
  };
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

/** @returns `abandoned`: what tells the lock of a holder that is gone from every other; undefined where its holder lives */
async function readLock(path: string, busy = STALE_MS) {
  const facts = await stat(path, { bigint: true }).catch(() => undefined);
  const content = await readFile(path, 'utf8').catch(() => '');
  const { record: holder } = parseRecord(content, HOLDER);
  if (facts === undefined) return { content, holder, identity: undefined, abandoned: undefined };
  const quiet = Date.now() - Number(facts.mtimeMs);
  const here = holder?.host === hostname();
  const gone = here ? !isRunning(holder.pid) || quiet > busy : quiet > STALE_MS;
  return { content, holder, identity: identity(facts), abandoned: gone ? identity(facts) : undefined };
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
