import { pretrainingFolder } from '../pretraining/pretraining-folder.js';
import type { SharedFlags } from './flags.js';

/** Goes on with the run in a folder, of whichever kind it is. */
export async function resumeCommand(folder: string, flags: SharedFlags): Promise<void> {
  if (await pretrainingFolder(folder).holdsRun()) {
    await (await import('./pretrain-command.js')).resumePretrainCommand(folder, flags);
  } else await (await import('./tune-command.js')).resumeTuneCommand(folder, flags);
}
