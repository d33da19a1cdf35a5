import { listedIds } from '../data/interactions/read-ids.js';
import { parseLabels } from '../prompt/labels.js';
import { learnProfile, PROFILE_TUNING } from '../recommend/learn-profile.js';
import { openProfile, predictProfiles } from '../recommend/predict-profile.js';
import { readingOptions, requiredInteractions } from './data-flags.js';
import { modelOptions, required, type SharedFlags } from './flags.js';
import { loadingProgress } from './loading-progress.js';
import { optionsFrom } from './option-flags.js';
import { createOutput } from './output.js';
import { formatPrediction, noteOtherModel } from './predict-command.js';
import type { ProfileFlags } from './profile-flags.js';
import { reportTuning } from './tune-command.js';

export async function profileCommand(flags: ProfileFlags): Promise<void> {
  const options = {
    tuning: optionsFrom(PROFILE_TUNING, flags),
    ...readingOptions(flags),
    interactions: requiredInteractions(flags),
    items: required(flags.items, '--items', 'a file of items with their titles'),
    users: required(flags.users, '--users', 'a file of users with their attributes'),
    attribute: required(flags.attribute, '--attribute', "a column of the users' file"),
    template: flags.template,
    labels: flags.labels === undefined ? undefined : Object.fromEntries(parseLabels(flags.labels)),
    ranges: flags.ranges,
    cuts: flags.cuts,
    titleColumn: flags.titleColumn,
    maxItems: flags.maxItems,
    minRating: flags.minRating,
    testShare: flags.testShare,
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
