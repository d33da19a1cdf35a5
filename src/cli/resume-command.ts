import { type JobName, jobIn } from '../job-kinds.js';
import type { SharedFlags } from './flags.js';

/** The commands that go on with jobs of each kind. */
const RESUME: { readonly [Name in JobName]: () => Promise<(folder: string, flags: SharedFlags) => Promise<void>> } = {
  fit: async () => (await import('./recommend-command.js')).resumeFitCommand,
  'tune-words': async () => (await import('./tune-words-command.js')).resumeWordsCommand,
  preference: async () => (await import('./preference-command.js')).resumePreferenceCommand,
  explanations: async () => (await import('./explain-command.js')).resumeExplanationsCommand,
  tune: async () => (await import('./tune-command.js')).resumeTuneCommand,
  compare: async () => (await import('./compare-command.js')).resumeCompareCommand,
  transfer: async () => (await import('./transfer-command.js')).resumeTransferCommand,
  design: async () => (await import('./design-command.js')).resumeDesignCommand,
  shorten: async () => (await import('./shorten-command.js')).resumeShortenCommand,
  search: async () => (await import('./search-command.js')).resumeSearchCommand,
  pretrain: async () => (await import('./pretrain-command.js')).resumePretrainCommand,
};

/** Goes on with the run in a folder, of whichever kind it is. */
export async function resumeCommand(folder: string, flags: SharedFlags): Promise<void> {
  const resume = await RESUME[await jobIn(folder)]();
  await resume(folder, { ...flags, out: folder });
}
