import { SoftpromptError } from '../errors.js';
import { writeFailure } from '../write-failure.js';

/**
 * Runs what writes into the folder of a prompt or recommender.
 * @param what the beginning of the message: what cannot be saved, with the folder
 * @param next what to do once the place can be written, as a sentence
 * @throws PROMPT_FOLDER_UNWRITABLE in place of what the file system says; other errors as they are
 */
export async function writeToFolder(what: string, write: () => Promise<void>, next?: string): Promise<void> {
  try {
    await write();
  } catch (cause) {
    const failure = cause instanceof SoftpromptError ? undefined : writeFailure(cause);
    if (failure === undefined) throw cause;
    throw new SoftpromptError(
      'PROMPT_FOLDER_UNWRITABLE',
      {
        found: `${what} cannot be saved: ${cause instanceof Error ? cause.message : cause}`,
        expected: failure.expected,
        fix: next === undefined ? failure.fix : `${failure.fix} ${next}`,
      },
      { cause },
    );
  }
}
