import { oneLine } from '../data/interactions/item-titles.js';
import { SoftpromptError } from '../errors.js';
import { type OpenPrompt, type OpenPromptOptions, openPrompt, type Prediction, predict } from '../tasks/open-prompt.js';
import { templateFields } from '../tasks/template-fields.js';
import { type Profile, readProfile } from './profile-file.js';
import { tellHistory } from './profiles/profile-examples.js';
import { rowFieldsOf } from './profiles/user-rows.js';
import { unknownId } from './unknown-id.js';

/** A profile's prompt on its frozen model, ready to answer. */
export interface OpenProfile extends OpenPrompt {
  readonly profile: Profile;
}

/** Errors: PROMPT_FOLDER_INCOMPLETE, PROMPT_FILES_MIXED, and those of openPrompt. */
export async function openProfile(folder: string, options: OpenPromptOptions = {}): Promise<OpenProfile> {
  const profile = await readProfile(folder);
  const prompt = await openPrompt(folder, options);
  const foreign = [...prompt.saved.labels.keys()].filter((key) => !profile.groups.names.includes(key));
  if (foreign.length === 0) return { ...prompt, profile };
  throw new SoftpromptError('PROMPT_FILES_MIXED', {
    found: `The prompt in ${folder} tells ${foreign.join(', ')}, which profile.json does not know`,
    expected: `values of '${profile.attribute}': ${profile.groups.names.join(', ')}`,
    fix: 'Take a complete copy of the folder, or learn the profile again.',
  });
}

/**
 * The attribute of users by what they chose, item ids the oldest first.
 * @throws RECOMMEND_REQUEST for an id that is not known, or a history without any title
 */
export async function predictProfiles(
  open: OpenProfile,
  histories: readonly (readonly string[])[],
): Promise<(Prediction & { readonly history: string })[]> {
  const texts = histories.map((ids) => profileFields(open, ids));
  const predictions = await predict(open, texts);
  return predictions.map((prediction, i) => ({ ...prediction, history: texts[i]!.history! }));
}

/**
 * What a profile's prompt is told of a history.
 * @throws RECOMMEND_REQUEST for an id that is not known, or a history that tells nothing
 */
export function profileFields(
  { profile, task }: Pick<OpenProfile, 'profile' | 'task'>,
  ids: readonly string[],
): Record<string, string> {
  const { titles, maxItems, rows } = profile;
  const slots = templateFields(task.compiled.template);
  const isKnown = (id: string) => Object.hasOwn(titles, id) || [...rows.values()].some(({ places }) => places.has(id));
  const unknown = ids.find((id) => !isKnown(id));
  if (unknown !== undefined) throw unknownId('item', unknown, Object.keys(titles));
  const history = tellHistory(
    ids.map((id) => oneLine(titles[id] ?? '')),
    maxItems,
  );
  const made = rowFieldsOf(rows, ids);
  const byTitles = slots.length > 0;
  if (byTitles ? history !== '' : Object.values(made).some((vector) => vector !== '')) return { history, ...made };
  throw new SoftpromptError('RECOMMEND_REQUEST', {
    found: byTitles ? 'No item of the history has a title' : 'No training user chose an item of the history',
    expected: `items that the profile was learned with, such as '${Object.keys(titles)[0]}'`,
    fix: byTitles ? 'Give items that have titles.' : 'Give items that others chose.',
  });
}
