import { type AttributeTable, readAttributes } from '../../data/interactions/attribute-table.js';
import type { InteractionData } from '../../data/interactions/interaction-data.js';
import { countCodes } from '../../data/interactions/interaction-data.js';
import type { InteractionOptions } from '../../data/interactions/read-interactions.js';
import type { DatabaseQuery } from '../../data/read-database.js';
import { RECOMMEND_DEFAULTS } from '../fit-options.js';
import type { SavedRecommender } from '../folder/recommender-folder.js';
import { growCatalogue } from '../grow-catalogue.js';
import { keptOptions } from '../kept-options.js';
import { type LoadRecommenderOptions, withLanguageModel } from '../load-recommender.js';
import { columnsWith, type NewItems, withNewItems } from '../new-items.js';
import { openLoaded } from '../open-recommender.js';
import type { ReadNewTextsOptions } from '../read-new-texts.js';
import { loadInteractions } from '../recommend-data.js';
import { unknownId } from '../unknown-id.js';
import { type BothNetworks, readBoth, replaceBoth, servingOf } from './both-networks.js';
import { foldEvents } from './fold-events.js';
import { freshEvents } from './fresh-events.js';
import { joinEvents, keysOf, readEvents, SINCE_FIT, writeEvents } from './kept-events.js';
import { askBeforeTelling, type Drift, driftOf } from './measure-drift.js';

/** What came since the fit. */
export interface UpdateOptions extends LoadRecommenderOptions, ReadNewTextsOptions {
  /** File of interactions, or a query on a database: new ones alone, or all of them. */
  readonly interactions?: string | DatabaseQuery | undefined;
  readonly interactionTable?: InteractionOptions | undefined;
  /** Items that are new, or say something else now. */
  readonly items?: Pick<NewItems, 'source' | 'table'> | undefined;
  /** Ids of items that are no longer recommended, until a table of items has them again. */
  readonly withdraw?: readonly string[] | undefined;
  /** Whether items that the table lacks are withdrawn. */
  readonly withdrawMissing?: boolean | undefined;
}

export interface UpdateResult {
  readonly folder: string;
  /** Interactions of the table, and those of them that were new. */
  readonly read: number;
  readonly events: number;
  readonly newUsers: number;
  readonly newItems: number;
  /** Known items whose attributes or texts are others now. */
  readonly changedItems: number;
  readonly withdrawn: number;
  /** Items that were met since the fit and cannot be recommended before the next one: no text of theirs was read. */
  readonly waitingItems: number;
  /** Whether new items can be recommended by their texts. */
  readonly readsTexts: boolean;
  /** All updates since the fit together; `share`: interactions as a share of those that the fit had, where they are kept. */
  readonly sinceFit: NonNullable<NonNullable<SavedRecommender['life']>['sinceFit']> & { readonly share: number | null };
  readonly drift: Drift;
  readonly seconds: number;
  readonly peakRssMib: number;
}

const COUNTED_AGAIN = 'the folder keeps nobody and these interactions have no times: what was told before counts again';

/**
 * Folds what came since the fit into a recommender's folder: histories and counts grow, new texts are read with the kept
 * template, changed and withdrawn items take effect; no weight changes, and nothing is read twice. First the recommender
 * is asked for what is new, so that it shows whether it still knows its people.
 * @throws RECOMMENDER_INVALID, RECOMMEND_REQUEST for an unknown item to withdraw, and the errors of readInteractions,
 * readAttributes and withNewItems
 */
export async function updateRecommender(folder: string, options: UpdateOptions): Promise<UpdateResult> {
  const started = performance.now();
  const { threads, onNote } = options;
  const before = await readBoth(folder);
  const old = servingOf(before);
  const log = await readEvents(folder, SINCE_FIT);
  const all = options.interactions === undefined ? undefined : await readSince(options, old, onNote);
  const fresh = all && freshEvents(old, all, keysOf(log));
  if (old.life?.withoutHistories && all && all.time === undefined) onNote?.(COUNTED_AGAIN);
  const asked = fresh && fresh.user.length > 0 ? await ask(folder, old, fresh, options) : { judged: 0, hits: 0 };
  const table = options.items && (await readAttributes(options.items.source, 'item', options.items.table));
  const change = async (saved: SavedRecommender, told: boolean): Promise<SavedRecommender> => {
    const grown = options.items && table ? await withTable(saved, folder, table, options, told) : saved;
    return fresh ? foldEvents(grown, fresh, { threads }) : grown;
  };
  const serving = before.serving && (await change(before.serving, true));
  const measured = await change(before.measured, serving === undefined);
  const now = serving ?? measured;
  const { network } = now.recommender;
  const waits = Uint8Array.from(network.popularity, (count, item) =>
    count === 0 && !hasText(now, item) && (network.counts?.[item] ?? 0) > 0 ? 1 : 0,
  );
  const changedItems = table ? changedRows(old, now) : 0;
  const withdrawn = withdrawnNow(now, options, table);
  const told = old.life?.withoutHistories && fresh?.time ? latest(fresh.time) : undefined;
  const life = {
    ...old.life,
    ...(told !== undefined && { toldUntil: told }),
    ...(withdrawn.length > 0 ? { withdrawn } : {}),
    sinceFit: counted(old, now, { fresh, waits, asked, changedItems }),
  };
  if (withdrawn.length === 0) delete (life as { withdrawn?: unknown }).withdrawn;
  const after: BothNetworks = { measured: { ...measured, life }, serving: serving && { ...serving, life } };
  const people = life.withoutHistories !== true;
  await replaceBoth(folder, after, async (copy) => {
    if (people && fresh && fresh.user.length > 0) await writeEvents(copy, SINCE_FIT, joinEvents(log, fresh));
  });
  return {
    folder,
    read: all?.user.length ?? 0,
    events: fresh?.user.length ?? 0,
    newUsers: now.users.length - old.users.length,
    newItems: now.recommender.items.length - old.recommender.items.length,
    changedItems,
    withdrawn: withdrawn.length,
    waitingItems: waits.reduce((sum, one) => sum + one, 0),
    readsTexts: now.reading !== undefined && network.inputs.features !== undefined,
    sinceFit: { ...life.sinceFit, share: shareOf(life.sinceFit.events, now) },
    drift: driftOf({ ...now, life }),
    seconds: (performance.now() - started) / 1000,
    peakRssMib: process.resourceUsage().maxRSS / 1024,
  };
}

/** In whole seconds; undefined of nothing. */
function latest(times: Float64Array): number | undefined {
  return times.length === 0 ? undefined : Math.floor(times.reduce((last, time) => Math.max(last, time)));
}

function shareOf(events: number, { histories: { items } }: SavedRecommender): number | null {
  const atFit = items.length - events;
  return atFit > 0 ? events / atFit : null;
}

async function readSince(
  { interactions, interactionTable }: UpdateOptions,
  saved: SavedRecommender,
  onNote: UpdateOptions['onNote'],
): Promise<InteractionData> {
  const minRating = keptOptions(saved.options).record?.minRating;
  const { data, notes } = await loadInteractions({
    ...{ interactions: interactions!, interactionTable, minRating, kCore: RECOMMEND_DEFAULTS.kCore },
    ties: 'file',
  });
  for (const note of notes) onNote?.(note);
  return data;
}

async function ask(folder: string, saved: SavedRecommender, fresh: InteractionData, options: UpdateOptions) {
  const { model, cacheFolder, hub, threads } = options;
  const loaded = await withLanguageModel(saved, { model, cacheFolder, hub });
  const open = await openLoaded(folder, loaded, { threads });
  try {
    return await askBeforeTelling(open, fresh);
  } finally {
    await open.close();
  }
}

/** The rows of a table of items; without texts their attributes alone. */
async function withTable(
  saved: SavedRecommender,
  folder: string,
  table: AttributeTable,
  options: UpdateOptions,
  told: boolean,
): Promise<SavedRecommender> {
  const { recommender, itemColumns, reading } = saved;
  if (reading !== undefined && recommender.network.inputs.features !== undefined) {
    const hooks = { ...options, ...(told ? {} : { onNote: undefined }) };
    return (await withNewItems(saved, folder, { ...options.items!, replaceKnown: true }, hooks)).saved;
  }
  const codes = new Map(recommender.items.map((id, code) => [id, code]));
  const added = table.ids.filter((id) => !codes.has(id));
  for (const id of added) codes.set(id, codes.size);
  const items = [...recommender.items, ...added];
  const rows = table.ids.map((id, row) => ({ code: codes.get(id)!, row }));
  const grown = added.length === 0 ? recommender : await growCatalogue(recommender, items, undefined, options);
  return { ...saved, recommender: grown, itemColumns: columnsWith(table, rows, itemColumns, items.length) };
}

function changedRows(old: SavedRecommender, now: SavedRecommender): number {
  const differs = (code: number) =>
    [...now.itemColumns].some(([name, values]) => (old.itemColumns.get(name)?.[code] ?? '') !== values[code]);
  return old.recommender.items.filter((_, code) => differs(code)).length;
}

function hasText({ recommender }: SavedRecommender, item: number): boolean {
  const { features } = recommender.network.inputs;
  if (features === undefined) return false;
  const { vectors, width } = features;
  return vectors.subarray(item * width, (item + 1) * width).some((value) => value !== 0);
}

/** @throws RECOMMEND_REQUEST */
function withdrawnNow(
  { recommender, life }: SavedRecommender,
  { withdraw = [], withdrawMissing = false }: UpdateOptions,
  table: AttributeTable | undefined,
): string[] {
  const known = new Set(recommender.items);
  const wrong = withdraw.find((id) => !known.has(id));
  if (wrong !== undefined) throw unknownId('item', wrong, recommender.items);
  const listed = new Set(table?.ids);
  const still = (life?.withdrawn ?? []).filter((id) => !listed.has(id));
  const missing = withdrawMissing && table ? recommender.items.filter((id) => !listed.has(id)) : [];
  return [...new Set([...still, ...missing, ...withdraw])];
}

function counted(
  old: SavedRecommender,
  now: SavedRecommender,
  {
    fresh,
    waits,
    asked,
    changedItems,
  }: {
    readonly fresh: InteractionData | undefined;
    readonly waits: Uint8Array;
    readonly asked: { readonly judged: number; readonly hits: number };
    readonly changedItems: number;
  },
) {
  const before = old.life?.sinceFit;
  const perItem = fresh ? countCodes(fresh.item, fresh.items.length) : [];
  const code = new Map(now.recommender.items.map((id, item) => [id, item]));
  let waiting = 0;
  for (const [item, count] of perItem.entries()) if (waits[code.get(fresh!.items[item]!) ?? -1] === 1) waiting += count;
  return {
    updates: (before?.updates ?? 0) + 1,
    events: (before?.events ?? 0) + (fresh?.user.length ?? 0),
    users: (before?.users ?? 0) + now.users.length - old.users.length,
    items: (before?.items ?? 0) + now.recommender.items.length - old.recommender.items.length,
    changed: (before?.changed ?? 0) + changedItems,
    waiting: (before?.waiting ?? 0) + waiting,
    judged: (before?.judged ?? 0) + asked.judged,
    hits: (before?.hits ?? 0) + asked.hits,
  };
}
