import { DATA_FILES, readingOptions, requiredInteractions } from '../data/data-files.js';
import { learnProfile } from '../recommend/learn-profile.js';
import { openProfile, predictProfiles } from '../recommend/predict-profile.js';
import { PREDICT_PROFILE, PROFILE } from '../recommend/profile-options.js';
import { formatProfileInspection, inspectProfile } from '../recommend/profiles/inspect-profile.js';
import { INSPECT } from '../tasks/use-options.js';
import { modelOptions, type SharedFlags } from './flags.js';
import { loadingProgress } from './loading-progress.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { noteOtherModel } from './other-model-note.js';
import { createOutput } from './output.js';
import { formatPrediction } from './predict-command.js';
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

export async function predictProfileCommand(folder: string, flags: Flags & SharedFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const { history, model } = optionsFrom(PREDICT_PROFILE, flags);
  const options = { ...modelOptions(flags), model };
  const open = await openProfile(folder, { ...options, ...loadingProgress(options, output) });
  noteOtherModel(open, output);
  const [prediction] = await predictProfiles(open, [history]);
  output.show(formatPrediction(prediction!));
  output.result({ attribute: open.profile.attribute, ...prediction! });
}

export async function inspectProfileCommand(
  folder: string,
  history: readonly string[],
  flags: Flags & SharedFlags,
): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const { words, model } = optionsFrom(INSPECT, flags);
  const options = { ...modelOptions(flags), model };
  const open = await openProfile(folder, { ...options, ...loadingProgress(options, output) });
  noteOtherModel(open, output);
  const inspection = await inspectProfile(open, history, { words, threads: flags.threads });
  output.say(formatProfileInspection(inspection));
  output.result(inspection);
}
