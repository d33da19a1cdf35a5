import { SoftpromptError } from '../errors.js';
import type { LockHolder } from '../files/file-lock.js';
import { softpromptCommand } from '../shell-command.js';
import type { JobKind } from './job.js';

type Spoken = Pick<JobKind<never>, 'noun' | 'product' | 'command' | 'repeatable'>;

export function notFound({ noun, command }: Spoken, found: string): SoftpromptError {
  return new SoftpromptError('RUN_NOT_FOUND', {
    found,
    expected: `the folder of a ${noun} that was interrupted`,
    fix: `Give what \`npx softprompt ${command} --out\` was given, or start anew with \`npx softprompt ${command}\`.`,
  });
}

/**
 * @param trained whether a job lies there, or only what one has made
 * @param problem why the record of the folder cannot be read, if it cannot
 */
export function unfinished(
  { noun, product, repeatable }: Spoken,
  folder: string,
  trained: boolean,
  problem?: string,
): SoftpromptError {
  const others = repeatable ? ', with other options' : '';
  const unreadable = problem && `, whose options cannot be read (${problem})`;
  return new SoftpromptError('RUN_UNFINISHED', {
    found: `${folder} holds a ${trained ? `${noun} that has not ended${unreadable ?? others}` : product}`,
    expected: repeatable ? `a new folder, or the options that the ${noun} was started with` : 'a new folder',
    fix: `Go on with it (\`${softpromptCommand('resume', folder)}\`), choose another folder (--out), or discard it (--overwrite).`,
  });
}

/** @param changed names of the inputs, if they are known */
export function dataChanged({ noun }: Spoken, folder: string, changed: readonly string[] = []): SoftpromptError {
  const names = changed.length > 0 ? ` (${changed.join(', ')})` : '';
  return new SoftpromptError('RUN_DATA_CHANGED', {
    found: `The model or the data${names} are not those that the ${noun} in ${folder} was started with`,
    expected: 'the same files, unchanged',
    fix: 'Restore the files, or start anew: the command that began it, with --overwrite.',
  });
}

export function inUse({ noun }: Spoken, folder: string, lock: string, holder: LockHolder | undefined): SoftpromptError {
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  return new SoftpromptError('RUN_IN_USE', {
    found: `${who} is at work in ${folder}`,
    expected: `one process a ${noun}`,
    fix: `Wait for it or end it, or choose another folder (--out). If there is no such process, delete ${lock}.`,
  });
}
