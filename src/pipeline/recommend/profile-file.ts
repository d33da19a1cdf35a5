import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../atomic-file.js';
import type { AttributeGroups } from '../../data/interactions/attribute-groups.js';
import { SoftpromptError } from '../../errors.js';

/** What a profile's folder holds beside its prompt, so that a history of ids can be told. */
export interface Profile {
  readonly attribute: string;
  readonly groups: AttributeGroups;
  /** Latest items of a history that are told. */
  readonly maxItems: number;
  /** Item id → title. */
  readonly titles: Readonly<Record<string, string>>;
}

const FILE = 'profile.json';
const FORMAT = 'softprompt profile 1';

export async function writeProfile(folder: string, profile: Profile): Promise<void> {
  await writeFileAtomically(join(folder, FILE), `${JSON.stringify({ format: FORMAT, ...profile })}\n`);
}

/** Reads what `writeProfile` wrote. @throws PROMPT_FOLDER_INCOMPLETE */
export async function readProfile(folder: string): Promise<Profile> {
  const profile = await readFile(join(folder, FILE), 'utf8')
    .then((text) => JSON.parse(text) as Profile & { readonly format?: string })
    .catch(() => undefined);
  if (profile?.format === FORMAT) return profile;
  throw new SoftpromptError('PROMPT_FOLDER_INCOMPLETE', {
    found: `${folder} has no readable ${FILE}`,
    expected: 'a folder that `softprompt recommend profile` wrote',
    fix: 'Check the path; a prompt without it answers to `softprompt predict`.',
  });
}
