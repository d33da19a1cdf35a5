import { SoftpromptError } from '../errors.js';

/**
 * Runs what writes into the folder of a prompt or recommender.
 * @param what the beginning of the message: what cannot be saved, with the folder
 * @throws PROMPT_FOLDER_UNWRITABLE in place of what the file system says
 */
export async function writeToFolder(
  what: string,
  write: () => Promise<void>,
  fix = 'Free some space or choose another folder.',
): Promise<void> {
  try {
    await write();
  } catch (cause) {
    throw new SoftpromptError(
      'PROMPT_FOLDER_UNWRITABLE',
      {
        found: `${what} cannot be saved: ${cause instanceof Error ? cause.message : cause}`,
        expected: 'a folder with free space and permission to write',
        fix,
      },
      { cause },
    );
  }
}
