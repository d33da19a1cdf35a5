import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pretrainingFolder } from '../pretraining/pretraining-folder.js';
import { fitFolder } from '../recommend/fit-folder.js';
import { NETWORK } from '../recommend/folder/recommender-files.js';
import { wordsRun } from '../recommend/titles/words-run.js';
import type { SharedFlags } from './flags.js';

/** Goes on with the run in a folder, of whichever kind it is. */
export async function resumeCommand(folder: string, flags: SharedFlags): Promise<void> {
  if (await pretrainingFolder(folder).holdsRun()) {
    await (await import('./pretrain-command.js')).resumePretrainCommand(folder, flags);
  } else if (fitFolder(folder).holdsRun() || existsSync(join(folder, NETWORK))) {
    await (await import('./recommend-command.js')).resumeFitCommand(folder, flags);
  } else if (wordsRun(folder).holdsRun()) {
    await (await import('./tune-words-command.js')).resumeWordsCommand(folder, flags);
  } else await (await import('./tune-command.js')).resumeTuneCommand(folder, flags);
}
