import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFolder } from '../../files/replace-folder.js';
import { type Catalogue, catalogue } from '../made-rows/catalogue.js';
import { unknownId } from '../unknown-id.js';
import { CARD, PREFERENCE_RECORD, readPreference, writePreference } from './preference-folder.js';

export interface ForgottenAnswers {
  readonly folder: string;
  /** People who were known, and their answers, which are removed. */
  readonly forgotten: number;
  readonly events: number;
  /** Ids that the folder did not know. */
  readonly unknown: number;
}

/**
 * Removes people from a preference's folder: their answers and attributes, and the state of its fit, which rests on them.
 * What all people share stays as it was learned.
 * @throws RECOMMENDER_INVALID, RUN_IN_USE, PROMPT_FOLDER_UNWRITABLE; RECOMMEND_REQUEST where one of them is not known
 */
export async function forgetAnswers(
  folder: string,
  users: readonly string[],
  { skipUnknown = false }: { readonly skipUnknown?: boolean | undefined } = {},
): Promise<ForgottenAnswers> {
  const saved = await readPreference(folder);
  const gone = new Set(users);
  const known = new Set([...saved.users.ids, ...saved.answers.map(({ user }) => user)]);
  const forgotten = [...gone].filter((user) => known.has(user)).length;
  const unknown = gone.size - forgotten;
  if (unknown > 0 && !skipUnknown) throw unknownId('user', [...gone].find((user) => !known.has(user))!, [...known]);
  if (forgotten === 0) return { folder, forgotten, events: 0, unknown };
  const stays = ({ user }: { readonly user: string }) => !gone.has(user);
  const answers = saved.answers.filter(stays);
  const card = await readFile(join(folder, CARD), 'utf8').catch(() => '');
  await replaceFolder(folder, PREFERENCE_RECORD, async (copy) => {
    await rm(join(copy, 'training'), { recursive: true, force: true });
    const rest = {
      ...{ answers, users: without(saved.users, gone) },
      learnedFrom: saved.answers.slice(0, saved.learnedFrom).filter(stays).length,
      forgotten: (saved.forgotten ?? 0) + forgotten,
    };
    await writePreference(copy, { ...saved, ...rest }, card);
  });
  return { folder, forgotten, events: saved.answers.length - answers.length, unknown };
}

function without({ ids, columns }: Catalogue, gone: ReadonlySet<string>): Catalogue {
  const rows = [...ids.keys()].filter((row) => !gone.has(ids[row]!));
  return catalogue({
    ids: rows.map((row) => ids[row]!),
    columns: new Map(Array.from(columns, ([name, values]) => [name, rows.map((row) => values[row]!)])),
  });
}
