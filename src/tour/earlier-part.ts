import { isDeepStrictEqual } from 'node:util';
import { SoftpromptError } from '../errors.js';

/**
 * Whether an earlier tour has begun the part of this one that goes into a folder, so that it can be gone on with.
 * @param earlier the settings of the run in the folder; undefined where there is none
 * @throws PROMPT_FOLDER_EXISTS where they are others
 */
export function isBegun(folder: string, settings: object, earlier: object | undefined): boolean {
  if (earlier === undefined) return false;
  if (isDeepStrictEqual(settings, earlier)) return true;
  throw new SoftpromptError('PROMPT_FOLDER_EXISTS', {
    found: `${folder} holds the run of a tour with other settings: ${JSON.stringify(earlier)}`,
    expected: `these settings, to go on with it: ${JSON.stringify(settings)}`,
    fix: 'Give the flags of that tour, another folder (--out), or --overwrite to begin anew.',
  });
}
