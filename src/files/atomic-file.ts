import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isRunning } from './running-process.js';

/**
 * Writes a file so that it is either the old one or the whole new one, never a torn one: a temporary name in the same
 * folder, flushed to disk, then renamed. On any failure (a full disk, say) the temporary file is removed and the old
 * file stays; that of a process that was killed is removed by the next one that writes the file. The callback may write
 * in pieces.
 */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array | ((file: FileHandle) => Promise<void>),
): Promise<void> {
  await replaceFileAtomically(path, async (temporary) => {
    const file = await open(temporary, 'wx');
    try {
      if (typeof content === 'function') await content(file);
      else await file.writeFile(content);
    } finally {
      await file.close();
    }
  });
}

/** The same for whoever writes files by name: `write` makes the file of the temporary name. */
export async function replaceFileAtomically(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await removeAbandoned(path);
  const temporary = temporaryPath(path);
  try {
    await write(temporary);
    const file = await open(temporary, 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** A name beside `path`, for a file or folder that is to take its place: hidden, and of this process. */
export function temporaryPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`);
}

/** Who writes touches his file more often than this, in milliseconds. */
const QUIET_MS = 60_000;

/**
 * Removes what has such a name, belongs to a process that is gone, and has not changed for a minute: a process of another
 * container that shares the folder has a number of its own, and seems gone from here. What cannot be removed stays.
 */
export async function removeAbandoned(path: string): Promise<void> {
  const folder = dirname(path);
  const start = `.${basename(path)}.`;
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = name.startsWith(start) ? /^(\d+)\.[0-9a-f]+\.tmp$/.exec(name.slice(start.length))?.[1] : undefined;
    if (pid === undefined || isRunning(Number(pid))) continue;
    const left = join(folder, name);
    const changed = await stat(left).catch(() => undefined);
    if (changed === undefined || changed.mtimeMs > Date.now() - QUIET_MS) continue;
    await rm(left, { recursive: true, force: true }).catch(() => {});
  }
}
