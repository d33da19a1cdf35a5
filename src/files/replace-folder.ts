import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { SoftpromptError } from '../errors.js';
import { takeLock } from './file-lock.js';

/**
 * Changes a folder as a whole: `write` is given a copy of it, which takes its place when it is finished. Whoever opens the
 * folder finds the old one or the new one. One process at a time: RUN_IN_USE. A folder that cannot be renamed (the root of
 * a volume) is written file by file, `last` at the end and gone until then.
 * @param last the file that vouches for the others
 */
export async function replaceFolder(
  folder: string,
  last: string,
  write: (copy: string) => Promise<void>,
): Promise<void> {
  const whole = resolve(folder);
  const beside = (what: string) => join(dirname(whole), `.${basename(whole)}.softprompt-${what}`);
  const [copy, before, lock] = [beside('new'), beside('before'), beside('lock')];
  const release = await takeLock(lock, (holder) => {
    const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
    return new SoftpromptError('RUN_IN_USE', {
      found: `${who} is changing ${folder}`,
      expected: 'one process at a time',
      fix: `Wait for it or end it. If there is no such process, delete ${lock}.`,
    });
  });
  try {
    if (!existsSync(whole) && existsSync(before)) await rename(before, whole); // a swap that was cut short
    await rm(before, { recursive: true, force: true });
    await rm(copy, { recursive: true, force: true });
    await mkdir(copy, { recursive: true });
    if (existsSync(whole)) await cp(whole, copy, { recursive: true });
    await write(copy);
    await swap(whole, copy, before, last);
  } finally {
    await rm(copy, { recursive: true, force: true });
    await release();
  }
}

async function swap(whole: string, copy: string, before: string, last: string): Promise<void> {
  try {
    await rename(whole, before);
  } catch (error) {
    if (!['EBUSY', 'EXDEV', 'EPERM', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await rm(join(whole, last), { force: true });
    const kept = await readdir(copy);
    for (const name of await readdir(whole)) {
      if (!kept.includes(name)) await rm(join(whole, name), { recursive: true, force: true });
    }
    for (const name of [...kept.filter((name) => name !== last), last]) {
      await cp(join(copy, name), join(whole, name), { recursive: true });
    }
    return;
  }
  try {
    await rename(copy, whole);
  } catch (error) {
    await rename(before, whole);
    throw error;
  }
  await rm(before, { recursive: true, force: true });
}
