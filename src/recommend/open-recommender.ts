import { codesById } from '../data/interactions/id-codes.js';
import { closable } from '../runtime/closable.js';
import type { ProgramOptions } from '../runtime/program.js';
import type { SavedRecommender } from './folder/recommender-folder.js';
import { itemTitles } from './item-titles.js';
import { broughtEvents } from './life/kept-events.js';
import { type LoadedRecommender, type LoadRecommenderOptions, loadRecommender } from './load-recommender.js';
import { type NewItems, withNewItems } from './new-items.js';
import type { ReadNewTextsOptions } from './read-new-texts.js';
import { type ListLength, prepareSelection, type RecommendFilters, selectionPlan } from './recommend-filters.js';
import { type RecommendRequest, type RequestOptions, resolveRequest } from './recommend-request.js';
import type { OpenRecommender } from './recommender-handle.js';
import type { NetworkRequest } from './sequential/network-request.js';
import { type ApproximateSearch, approximateLists } from './serving/approximate-search.js';
import { type ItemTable, openItemTable } from './serving/item-table.js';
import { exactLists, serveCatalogue } from './serving/served-catalogue.js';

export interface Recommendation {
  readonly item: string;
  readonly score: number;
  /** What the items' table says of it, by column. */
  readonly attributes: Readonly<Record<string, string>>;
  /** With `explain`: the items of the history that speak most for it, by how much the score falls without them. */
  readonly because?: readonly Reason[];
}

export interface Reason {
  readonly item: string;
  readonly weight: number;
  /** Where the items' table has one. */
  readonly title?: string;
}

export interface RecommendForOptions extends RecommendFilters, ListLength, RequestOptions {
  readonly explain?: boolean | undefined;
  /** See openApproximate. Default: exact search. */
  readonly approximate?: ApproximateSearch | undefined;
}

export interface OpenRecommenderOptions extends ProgramOptions, LoadRecommenderOptions, ReadNewTextsOptions {
  /** A table with items that were not there at the fit: they become candidates by their texts. */
  readonly items?: NewItems | undefined;
}

/**
 * Errors: RECOMMENDER_INVALID, GRAPH_RUN; with a frozen encoder PROMPT_BASE_MODEL and those of loadModel; with items those
 * of withNewItems.
 */
export async function openRecommender(folder: string, options: OpenRecommenderOptions = {}): Promise<OpenRecommender> {
  return openLoaded(folder, await loadRecommender(folder, options), options);
}

/** A recommender of a folder that was read already. Errors: as above. */
export async function openLoaded(
  folder: string,
  { saved: fitted, match, modelNote }: LoadedRecommender,
  options: OpenRecommenderOptions = {},
): Promise<OpenRecommender> {
  const grown = options.items && (await withNewItems(fitted, folder, options.items, options));
  const saved = grown?.saved ?? fitted;
  const served = await serveCatalogue(saved.recommender, options);
  const waiting = served.known.map((known) => 1 - known);
  const itemCodes = codesById(saved.recommender.items);
  for (const id of saved.life?.withdrawn ?? []) served.known[itemCodes.get(id)!] = 0;
  let table: Promise<ItemTable> | undefined;
  return {
    folder,
    saved,
    match,
    modelNote,
    grown: grown?.key,
    served,
    itemCodes,
    ...(saved.life?.sinceFit && waiting.includes(1) && { waiting }),
    userCodes: codesById(saved.users),
    brought: saved.life?.sinceFit ? await broughtEvents(folder) : new Set(),
    itemTable: () => {
      table ??= openItemTable(saved.recommender.items, saved.itemColumns);
      return table;
    },
    ...closable(async () => {
      await served.release();
      await table?.then(({ close }) => close());
    }),
  };
}

/**
 * The best items for one user, best first. An empty history gets what is popular, unless attributes are given that the
 * recommender uses; one that validated better without them takes no notice of any. Items of which nothing is known (never
 * met in training, and not read) are not recommended.
 * @throws RECOMMEND_REQUEST for a user, an item or an attribute that is not known, RECOMMEND_FILTER, RECOMMEND_OPTION
 */
export async function recommendFor(
  open: OpenRecommender,
  request: RecommendRequest,
  options: RecommendForOptions = {},
): Promise<Recommendation[]> {
  const { explain = false, onNote } = options;
  const { k } = selectionPlan(options);
  const resolved = resolveRequest(open, request, options);
  const selection = await prepareSelection(open, options, onNote);
  const [list] = options.approximate
    ? await approximateLists(open.served, options.approximate, [resolved], k, selection)
    : await exactLists(open.served, [resolved], k, selection);
  const reasons = explain ? await occlusion(open, resolved, list!.items) : undefined;
  const { items } = open.saved.recommender;
  const titles = itemTitles(open.saved);
  const reason = (code: number, weight: number): Reason => {
    const title = titles(code);
    return { item: items[code]!, weight, ...(title !== undefined && { title }) };
  };
  return Array.from(list!.items, (item, place) => ({
    item: items[item]!,
    score: list!.scores[place]!,
    attributes: attributesOf(open.saved, item),
    ...(reasons && { because: reasons[place]!.map(({ code, weight }) => reason(code, weight)) }),
  }));
}

/** What the items' table says of an item code. */
export function attributesOf({ itemColumns }: SavedRecommender, item: number): Record<string, string> {
  return Object.fromEntries(Array.from(itemColumns, ([name, values]) => [name, values[item]!]));
}

/** Items of a history that are left out, one at a time, to see what they mean. */
const EXPLAINED = 20;
const REASONS = 3;

/**
 * For each recommended item the items of the history that speak most for it: how far its score, against the mean of all,
 * falls without one (occlusion, Zeiler & Fergus 2014).
 */
async function occlusion({ served }: OpenRecommender, { user, history, groups }: NetworkRequest, best: Int32Array) {
  const score = (histories: readonly Int32Array[]) =>
    served.score(
      new Int32Array(histories.length).fill(user),
      histories,
      histories.map(() => groups),
    );
  const scores = await score([history]);
  const recent = [...new Set(history.slice(-EXPLAINED))];
  const histories = recent.map((left) => history.filter((item) => item !== left));
  const without = await score(histories);
  const size = scores.length;
  const level = (row: Float32Array) => row.reduce((sum, score) => sum + score, 0) / size;
  const rows = recent.map((_, i) => without.subarray(i * size, (i + 1) * size));
  const levels = rows.map(level);
  const own = level(scores);
  return Array.from(best, (item) =>
    recent
      .map((code, i) => ({ code, weight: scores[item]! - own - (rows[i]![item]! - levels[i]!) }))
      .filter(({ weight }) => weight > 0)
      .sort((a, b) => b.weight - a.weight)
      .slice(0, REASONS),
  );
}
