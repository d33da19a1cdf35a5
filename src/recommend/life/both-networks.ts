import { replaceFolder } from '../../files/replace-folder.js';
import { RECORD } from '../folder/recommender-files.js';
import {
  type RefittedNetwork,
  readNetworks,
  type SavedRecommender,
  writeRecommender,
} from '../folder/recommender-folder.js';
import { readWords, writeWords } from '../folder/words-file.js';

/** A recommender's folder with both of its networks. */
export interface BothNetworks {
  /** What was measured. */
  readonly measured: SavedRecommender;
  /** What serves, where that is another one. */
  readonly serving: SavedRecommender | undefined;
}

export const servingOf = ({ measured, serving }: BothNetworks): SavedRecommender => serving ?? measured;

/** Reads both; votes stay in their files until somebody asks for them. Errors: RECOMMENDER_INVALID. */
export async function readBoth(folder: string): Promise<BothNetworks> {
  const read = await readNetworks(folder);
  const measured = await read('held-out', 'left');
  return { measured, serving: measured.refit && (await read('serving', 'left')) };
}

/**
 * The folder with other networks, at once; what is chosen of titles stays, since no weight changes.
 * @param beside writes and removes what else changes, in a copy of the folder
 * Errors: PROMPT_FOLDER_UNWRITABLE, RUN_IN_USE.
 */
export async function replaceBoth(
  folder: string,
  { measured, serving }: BothNetworks,
  beside: (copy: string) => Promise<void>,
): Promise<void> {
  await replaceFolder(folder, RECORD, async (copy) => {
    const words = await readWords(copy).catch(() => undefined);
    const refitted: RefittedNetwork | undefined = serving && {
      recommender: serving.recommender,
      ...serving.refit!,
    };
    await beside(copy);
    await writeRecommender(copy, measured, refitted);
    if (words) await writeWords(copy, words);
  });
}
