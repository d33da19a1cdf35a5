import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { AttributeGroups } from '../data/interactions/attribute-groups.js';
import { SoftpromptError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-file.js';
import { parseRecord } from '../files/json-record.js';
import { attributeGroupsRecord } from '../tasks/prompt-folder/attribute-groups-record.js';

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

const profileRecord: z.ZodType<Profile> = z.object({
  attribute: z.string(),
  groups: attributeGroupsRecord,
  maxItems: z.int().positive(),
  titles: z.record(z.string(), z.string()),
});

/** Reads what `writeProfile` wrote. @throws PROMPT_FOLDER_INCOMPLETE, PROMPT_FILE_INVALID */
export async function readProfile(folder: string): Promise<Profile> {
  const path = join(folder, FILE);
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new SoftpromptError(
      'PROMPT_FOLDER_INCOMPLETE',
      {
        found: `${folder} has no readable ${FILE}`,
        expected: 'a folder that `npx softprompt recommend profile` wrote',
        fix: 'Check the path; a prompt without it answers to `npx softprompt predict`.',
      },
      { cause },
    );
  });
  const { record, problem } = parseRecord(text, profileRecord, { format: FORMAT });
  if (record !== undefined) return record;
  throw new SoftpromptError('PROMPT_FILE_INVALID', {
    found: `${path} cannot be used: ${problem}`,
    expected: 'the file as `npx softprompt recommend profile` wrote it',
    fix: 'Take an undamaged copy, or learn the profile again.',
  });
}
