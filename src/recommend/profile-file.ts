import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { AttributeGroups } from '../data/interactions/attribute-groups.js';
import { SoftpromptError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-file.js';
import { parseRecord } from '../files/json-record.js';
import { attributeGroupsRecord } from '../tasks/prompt-folder/attribute-groups-record.js';
import { readTensorFile, writeTensorFile } from '../weights/tensor-file.js';
import { hashFiles } from './folder/recommender-files.js';
import {
  arraysOfVectors,
  historyVectorsRecord,
  recordOfVectors,
  vectorsOf,
} from './made-rows/history-vectors-record.js';
import type { UserRows } from './profiles/user-rows.js';

/** What a profile's folder holds beside its prompt, so that a history of ids can be told. */
export interface Profile {
  readonly attribute: string;
  readonly groups: AttributeGroups;
  /** Latest items of a history that are told. */
  readonly maxItems: number;
  /** Item id → title. */
  readonly titles: Readonly<Record<string, string>>;
  /** How rows of the prompt are made of a history; none for a template without such rows. */
  readonly rows: UserRows;
}

const FILE = 'profile.json';
/** The numbers of what rows are made of. */
const ROWS = 'profile.safetensors';
const FORMAT = 'softprompt profile 1';

/** Whether a prompt's folder is that of a profile. */
export const holdsProfile = (folder: string): boolean => existsSync(join(folder, FILE));

export async function writeProfile(folder: string, profile: Profile): Promise<void> {
  const { rows, ...rest } = profile;
  await mkdir(folder, { recursive: true });
  const path = join(folder, ROWS);
  if (rows.size === 0) await rm(path, { force: true });
  else await writeTensorFile(path, arraysOfVectors(rows));
  const kept = {
    ...{ format: FORMAT, ...rest },
    ...(rows.size > 0 && { rows: recordOfVectors(rows), rowsHash: (await hashFiles(folder, [ROWS]))[ROWS] }),
  };
  await writeFileAtomically(join(folder, FILE), `${JSON.stringify(kept)}\n`);
}

const profileRecord = z.object({
  attribute: z.string(),
  groups: attributeGroupsRecord,
  maxItems: z.int().positive(),
  titles: z.record(z.string(), z.string()),
  rows: historyVectorsRecord.exactOptional(),
  rowsHash: z.string().exactOptional(),
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
  if (record !== undefined) {
    const { rows, rowsHash, ...rest } = record;
    return { ...rest, rows: rows === undefined ? new Map() : await readRows(folder, rows, rowsHash) };
  }
  throw new SoftpromptError('PROMPT_FILE_INVALID', {
    found: `${path} cannot be used: ${problem}`,
    expected: 'the file as `npx softprompt recommend profile` wrote it',
    fix: 'Take an undamaged copy, or learn the profile again.',
  });
}

/** @throws PROMPT_FILES_MIXED */
async function readRows(
  folder: string,
  record: z.infer<typeof historyVectorsRecord>,
  hash: string | undefined,
): Promise<UserRows> {
  const mixed = (found: string, cause?: unknown) =>
    new SoftpromptError(
      'PROMPT_FILES_MIXED',
      {
        found: `${folder} has ${found}`,
        expected: `the ${ROWS} that ${FILE} was written with`,
        fix: 'Take a complete copy of the folder, or learn the profile again.',
      },
      { cause },
    );
  const found = await hashFiles(folder, [ROWS]).catch((cause: unknown) => {
    throw mixed(`no readable ${ROWS}`, cause);
  });
  if (found[ROWS] !== hash) throw mixed(`another ${ROWS} than before`);
  try {
    return vectorsOf(record, (await readTensorFile(join(folder, ROWS))) as Record<string, Float32Array>);
  } catch (cause) {
    throw mixed(`an unusable ${ROWS}`, cause);
  }
}
