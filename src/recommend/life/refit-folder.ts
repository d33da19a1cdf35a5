import { existsSync } from 'node:fs';
import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { readInteractions } from '../../data/interactions/read-interactions.js';
import { writeTable } from '../../data/writing/write-table.js';
import { writeFileAtomically } from '../../files/atomic-file.js';
import { replaceFolder } from '../../files/replace-folder.js';
import type { FitHooks, FitResult } from '../fit-events.js';
import type { RecommendOptions } from '../fit-options.js';
import { fitRecommender, resumeRecommender } from '../fit-recommender.js';
import { RECORD } from '../folder/recommender-files.js';
import { readRecommender, type SavedRecommender } from '../folder/recommender-folder.js';
import { formatRecommenderRecord, parseRecommenderRecord } from '../folder/recommender-record.js';
import { optionsOfFit, optionsToKeep } from '../kept-options.js';
import { FORGOTTEN, forgottenOf } from './forget-users.js';
import {
  CATALOGUE,
  eventTable,
  INTERACTIONS,
  joinEvents,
  readEvents,
  SINCE_FIT,
  withoutUsers,
  writeEvents,
} from './kept-events.js';

/** What a refit learns from, where it is not what the folder knows. */
export type RefitOptions = Partial<
  Pick<
    RecommendOptions,
    'interactions' | 'interactionTable' | 'items' | 'itemTable' | 'model' | 'threads' | 'baselines'
  >
>;

/**
 * Fits a folder's recommender again with its kept options: to the interactions of its fit and what updates brought since,
 * without those who were forgotten. The new one takes the old one's place when it is whole; until then the old one
 * serves. An interrupted refit is gone on with by the same call.
 * @throws RECOMMENDER_INVALID, DATA_FILE_UNREADABLE where the interactions of the fit are gone, and the errors of fitRecommender
 */
export async function refitFolder(
  folder: string,
  changes: RefitOptions = {},
  hooks: FitHooks = {},
): Promise<FitResult> {
  const whole = resolve(folder);
  const staging = join(dirname(whole), `.${basename(whole)}.softprompt-refit`);
  const saved = await readRecommender(folder, 'serving');
  const goesOn = existsSync(join(staging, 'training'));
  const result = goesOn
    ? await resumeRecommender(staging, hooks)
    : await fitRecommender(await stage(folder, staging, saved, changes, hooks), hooks);
  if (result.ended === 'interrupted') return { ...result, out: folder };
  await settleRecord(whole, staging, saved);
  await replaceFolder(folder, RECORD, async (copy) => {
    for (const name of await readdir(copy)) await rm(join(copy, name), { recursive: true, force: true });
    await cp(staging, copy, { recursive: true });
  });
  await rm(staging, { recursive: true, force: true });
  return { ...result, out: folder };
}

/** Writes what the fit learns from beside the folder. */
async function stage(
  folder: string,
  staging: string,
  saved: SavedRecommender,
  changes: RefitOptions,
  hooks: FitHooks,
): Promise<RecommendOptions> {
  const { interactions, interactionTable, items, itemTable, ...others } = changes;
  const kept = optionsOfFit(saved);
  await rm(staging, { recursive: true, force: true });
  const given = interactions ?? kept.interactions;
  const { data } = await readInteractions(given, interactions === undefined ? kept.interactionTable : interactionTable);
  const forgotten = await forgottenOf(folder);
  const base = withoutUsers(data, forgotten);
  const left = data.user.length - base.user.length;
  if (left > 0)
    hooks.onEvent?.({ event: 'note', text: `${left} interactions of people who were forgotten are left out` });
  const since = interactions === undefined ? await readEvents(folder, SINCE_FIT) : undefined;
  const lost = saved.life?.withoutHistories && interactions === undefined ? (saved.life.sinceFit?.events ?? 0) : 0;
  if (lost > 0) hooks.onEvent?.({ event: 'note', text: notKept(lost) });
  const all = since ? joinEvents(base, since) : base;
  await writeEvents(staging, INTERACTIONS, all);
  const catalogue = items === undefined && (await stageCatalogue(staging, saved));
  if (existsSync(join(folder, FORGOTTEN))) await cp(join(folder, FORGOTTEN), join(staging, FORGOTTEN));
  return {
    ...kept,
    ...Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined)),
    interactions: join(staging, INTERACTIONS),
    interactionTable: eventTable(all),
    ...(catalogue ? { items: catalogue, itemTable: { idColumn: ID } } : {}),
    ...(items === undefined ? {} : { items, itemTable }),
    out: staging,
    overwrite: true,
  };
}

const notKept = (events: number) =>
  `the folder keeps nobody: ${events} interactions that updates brought are not learned from, unless --interactions gives a file of all`;

const ID = 'item_id';

/** The items as updates left them; undefined where they are those of the fit's own table. */
async function stageCatalogue(staging: string, { recommender, itemColumns, life }: SavedRecommender) {
  const { items = 0, changed = 0 } = life?.sinceFit ?? {};
  if (itemColumns.size === 0 || items + changed === 0) return undefined;
  const path = join(staging, CATALOGUE);
  const columns = [ID, ...itemColumns.keys()].map((name) => ({ name, type: 'text' as const }));
  const rows = recommender.items.map((id, item) => [
    id,
    ...Array.from(itemColumns.values(), (values) => values[item]!),
  ]);
  await writeTable(path, 'jsonl', columns, rows);
  return path;
}

/** The record of the new folder speaks of the place that it will have, and of what lasts beyond a fit. */
async function settleRecord(whole: string, staging: string, old: SavedRecommender): Promise<void> {
  const path = join(staging, RECORD);
  const { record } = parseRecommenderRecord(await readFile(path, 'utf8'));
  const options = optionsOfFit({ ...old, options: record!.options });
  const moved = (file: string) => (dirname(file) === staging ? join(whole, basename(file)) : file);
  const { withdrawn, forgotten } = old.life ?? {};
  const known = new Set((await readRecommender(staging, 'serving')).recommender.items);
  const still = withdrawn?.filter((id) => known.has(id)) ?? [];
  const people = !options.withoutHistories;
  const kept = optionsOfFit(old);
  const settled = {
    ...options,
    interactions: people && typeof options.interactions === 'string' ? moved(options.interactions) : kept.interactions,
    ...(people ? {} : { interactionTable: kept.interactionTable }),
    items: options.items && moved(options.items),
    out: whole,
    overwrite: kept.overwrite,
  };
  if (!people) await rm(join(staging, INTERACTIONS), { force: true });
  await rm(join(staging, 'training'), { recursive: true, force: true });
  const life = {
    ...record!.life,
    ...(still.length > 0 && { withdrawn: still }),
    ...(forgotten && { forgotten }),
  };
  await writeFileAtomically(path, formatRecommenderRecord({ ...record!, life, options: optionsToKeep(settled) }));
}
