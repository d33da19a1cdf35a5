import { existsSync } from 'node:fs';
import { access, constants, readdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type ErrorCode, SoftpromptError } from '../errors.js';
import { writeFailure } from './write-failure.js';

/**
 * Runs what writes into the folder of a prompt, recommender or model.
 * @param what the beginning of the message: what cannot be saved, with the folder
 * @param next what to do once the place can be written, as a sentence
 * @throws `code` in place of what the file system says; other errors as they are
 */
export async function writeToFolder(
  what: string,
  write: () => Promise<void>,
  next?: string,
  code: ErrorCode = 'PROMPT_FOLDER_UNWRITABLE',
): Promise<void> {
  try {
    await write();
  } catch (cause) {
    const failure = cause instanceof SoftpromptError ? undefined : writeFailure(cause);
    if (failure === undefined) throw cause;
    throw new SoftpromptError(
      code,
      {
        found: `${what} cannot be saved: ${cause instanceof Error ? cause.message : cause}`,
        expected: failure.expected,
        fix: next === undefined ? failure.fix : `${failure.fix} ${next}`,
      },
      { cause },
    );
  }
}

/**
 * Checks that a folder can be written, without making it, so that this shows before hours of work and not after them.
 * Errors: `code`.
 */
export async function checkWritable(what: string, folder: string, code?: ErrorCode): Promise<void> {
  const above = nearestExisting(folder);
  await writeToFolder(what, () => access(`${above}/.`, constants.W_OK), undefined, code); // of a file there is no such path
}

/**
 * Runs what begins to write into a folder. Where it fails before the folder holds anything of worth, what it has made
 * there goes again.
 * @param holdsWorth whether what was made must stay, such as the state of a training
 */
export async function leavingNothing<T>(
  folder: string,
  holdsWorth: () => Promise<boolean>,
  run: () => Promise<T>,
): Promise<T> {
  const before = await readdir(folder).catch(() => undefined);
  const made = before === undefined ? firstMissing(folder) : undefined;
  try {
    return await run();
  } catch (error) {
    if (await holdsWorth().catch(() => true)) throw error;
    const names = (await readdir(folder).catch(() => [])).filter((name) => !before?.includes(name));
    for (const path of made === undefined ? names.map((name) => join(folder, name)) : [made]) {
      await rm(path, { recursive: true, force: true }).catch(() => {}); // what failed is told, not this
    }
    throw error;
  }
}

function nearestExisting(path: string): string {
  const whole = resolve(path);
  return existsSync(whole) ? whole : nearestExisting(dirname(whole));
}

/** The outermost folder that has to be made for a path. */
function firstMissing(path: string): string {
  const whole = resolve(path);
  const above = dirname(whole);
  return existsSync(above) ? whole : firstMissing(above);
}
