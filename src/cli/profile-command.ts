import { DATA_FILES, readingOptions, requiredInteractions } from '../data/data-files.js';
import { listedIds } from '../data/interactions/read-ids.js';
import { learnProfile } from '../recommend/learn-profile.js';
import { openProfile, predictProfiles } from '../recommend/predict-profile.js';
import { PROFILE } from '../recommend/profile-options.js';
import { modelOptions, required, type SharedFlags } from './flags.js';
import { loadingProgress } from './loading-progress.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { createOutput } from './output.js';
import { formatPrediction, noteOtherModel } from './predict-command.js';
import { reportTuning } from './tune-command.js';

export async function profileCommand(flags: Flags): Promise<void> {
  const files = optionsFrom(DATA_FILES, flags);
  const options = {
    ...optionsFrom(PROFILE, flags),
    interactions: requiredInteractions(files),
    ...readingOptions(files),
  };
  await reportTuning(flags, (hooks) => learnProfile(options, hooks));
}

export async function predictProfileCommand(
  folder: string,
  flags: SharedFlags & { readonly history?: string; readonly model?: string },
): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const ids = required(flags.history, '--history', 'the ids of the items that the user chose, the oldest first');
  const options = { ...modelOptions(flags), model: flags.model };
  const open = await openProfile(folder, { ...options, ...loadingProgress(options, output) });
  noteOtherModel(open, output);
  const [prediction] = await predictProfiles(open, [listedIds(ids)]);
  output.say(formatPrediction(prediction!));
  output.result({ attribute: open.profile.attribute, ...prediction! });
}
