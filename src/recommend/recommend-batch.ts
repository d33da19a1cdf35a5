import { createHash } from 'node:crypto';
import { oneLine, TITLE_NAME, titleColumn } from '../data/interactions/item-titles.js';
import { type BatchHooks, type BatchPlace, checkBatchPlace, writeBatch } from '../data/writing/batch-table.js';
import type { OutputColumn, OutputRow } from '../data/writing/output-table.js';
import { shortestFloat } from '../data/writing/shortest-float.js';
import { SoftpromptError } from '../errors.js';
import { recommenderFingerprint } from './folder/recommender-folder.js';
import { type FreshHistories, requestWith } from './fresh-history.js';
import { type ListLength, prepareSelection, type RecommendFilters, selectionPlan } from './recommend-filters.js';
import { resolveRequest, shown } from './recommend-request.js';
import type { OpenRecommender } from './recommender-handle.js';
import { rowsAtOnce } from './scorer.js';
import { type ApproximateSearch, approximateLists } from './serving/approximate-search.js';
import type { Selection } from './serving/selection.js';
import { exactLists } from './serving/served-catalogue.js';
import { unknownId } from './unknown-id.js';

export interface BatchOptions extends RecommendFilters, ListLength, BatchPlace {
  /** For whom, in this order. Default: every user of the interactions. */
  readonly onlyUsers?: readonly string[] | undefined;
  /** Whether unknown users are left out, with a note; else they are an error. */
  readonly skipUnknown?: boolean | undefined;
  /** What people did since the fit; who is new there gets a list too. See readFreshHistories. */
  readonly fresh?: FreshHistories | undefined;
  /** See openApproximate. Default: exact search. */
  readonly approximate?: ApproximateSearch | undefined;
}

export interface BatchResult {
  readonly ended: 'finished' | 'interrupted';
  readonly out: string;
  /** What was written and is whole; with shards a file each, beside `….manifest.json`. */
  readonly files: readonly string[];
  /** Users served, those of earlier runs included. */
  readonly users: number;
  /** Users that an earlier, interrupted run had served. */
  readonly resumedAfter: number;
  readonly seconds: number;
  readonly usersPerSecond: number;
  readonly peakRssMib: number;
}

/** A row is a user and an item; users in the order of the request, `rank` from 1. */
const COLUMNS: readonly OutputColumn[] = [
  { name: 'user_id', type: 'id' },
  { name: 'rank', type: 'integer' },
  { name: 'item_id', type: 'id' },
  { name: 'score', type: 'number' },
];
/** The last column where the items have titles. */
const TITLE: OutputColumn = { name: 'title', type: 'text' };

/** Blocks of users that are answered between two saves. */
const BLOCKS_A_SAVE = 16;

/**
 * The lists that `recommendFor` gives, for many users, into a file that appears when it is whole. Memory grows with
 * neither users nor items; what an interrupted or killed run has done stays.
 * @throws DATA_OUTPUT_EXISTS, BATCH_UNFINISHED, DATA_FORMAT_UNKNOWN, DATA_UNWRITABLE, RECOMMEND_REQUEST for an unknown
 * user, RECOMMEND_FILTER, RECOMMEND_OPTION
 */
export async function recommendBatch(
  open: OpenRecommender,
  options: BatchOptions,
  hooks: BatchHooks = {},
): Promise<BatchResult> {
  const started = performance.now();
  const { onNote } = hooks;
  const { out, overwrite, shard, shards, approximate, fresh } = options;
  const plan = selectionPlan(options);
  const { k } = plan;
  const place = { out, overwrite, shard, shards };
  checkBatchPlace(place);
  const users = whoAsks(open, options, onNote);
  const selection = await prepareSelection(open, plan, onNote);
  const request = await requestKey(open, { users, fresh }, k, selection, approximate?.probes);
  const titles = titlesOf(open);
  const questions = {
    columns: titles ? [...COLUMNS, TITLE] : COLUMNS,
    request,
    count: users.length,
    step: BLOCKS_A_SAVE * rowsAtOnce(open.served.items),
    answer: (start: number, end: number) =>
      rowsFor(open, { users: users.slice(start, end), fresh }, k, selection, approximate, titles),
  };
  const { ended, done, resumedAfter, files } = await writeBatch(place, questions, hooks);
  const seconds = (performance.now() - started) / 1000;
  return {
    ended,
    out,
    files,
    users: done,
    resumedAfter,
    seconds,
    usersPerSecond: (done - resumedAfter) / seconds,
    peakRssMib: process.resourceUsage().maxRSS / 1024,
  };
}

async function rowsFor(
  open: OpenRecommender,
  { users, fresh }: Asking,
  k: number,
  selection: Selection,
  approximate: ApproximateSearch | undefined,
  titles: readonly string[] | undefined,
): Promise<OutputRow[]> {
  const requests = users.map((user) => resolveRequest(open, requestWith(open, user, fresh), { skipUnknown: true }));
  const lists = approximate
    ? await approximateLists(open.served, approximate, requests, k, selection)
    : await exactLists(open.served, requests, k, selection);
  const { items } = open.saved.recommender;
  return lists.flatMap((list, i) =>
    Array.from(list.items, (item, place) => [
      ...[users[i]!, place + 1, items[item]!, shortestFloat(list.scores[place]!)],
      ...(titles ? [oneLine(titles[item] ?? '')] : []),
    ]),
  );
}

/** A title an item, where a column of the items is called so. */
function titlesOf({ saved: { itemColumns } }: OpenRecommender): readonly string[] | undefined {
  const column = titleColumn(itemColumns);
  return column !== undefined && TITLE_NAME.test(column) ? itemColumns.get(column) : undefined;
}

/** For whom lists are made, and what is known of them since the fit. */
interface Asking {
  readonly users: readonly string[];
  readonly fresh: FreshHistories | undefined;
}

function whoAsks(
  { userCodes, saved }: OpenRecommender,
  { onlyUsers, fresh, skipUnknown = false }: BatchOptions,
  onNote: ((text: string) => void) | undefined,
): readonly string[] {
  if (onlyUsers === undefined && saved.users.length === 0 && fresh === undefined) {
    throw new SoftpromptError('RECOMMEND_REQUEST', {
      found: 'The folder keeps nobody, so there is nobody to make lists for',
      expected: 'what people did (--without-histories was said at the fit)',
      fix: 'Give it with --interactions.',
    });
  }
  if (onlyUsers === undefined) {
    const others = [...(fresh?.keys() ?? [])].filter((id) => !userCodes.has(id));
    if (others.length > 0) onNote?.(`${others.length} users are new since the fit`);
    return [...saved.users, ...others];
  }
  const distinct = [...new Set(onlyUsers)];
  const unknown = distinct.filter((id) => !userCodes.has(id) && !fresh?.has(id));
  if (unknown.length > 0 && !skipUnknown) throw unknownId('user', unknown[0]!, saved.users);
  if (unknown.length > 0) {
    onNote?.(`${unknown.length} of ${distinct.length} users are not known: ${shown(unknown)}`);
  }
  return distinct.filter((id) => !unknown.includes(id));
}

/** Tells one batch from another. */
async function requestKey(
  open: OpenRecommender,
  { users, fresh }: Asking,
  k: number,
  selection: Selection,
  probes: number | undefined,
): Promise<string> {
  const { allowed, boost, diversity, includeSeen } = selection;
  const hash = createHash('sha256');
  hash.update(await recommenderFingerprint(open.folder));
  hash.update(JSON.stringify({ k, diversity, includeSeen, probes, grown: open.grown }));
  hash.update(JSON.stringify(fresh === undefined ? users : users.map((id) => [id, fresh.get(id)])));
  for (const array of [allowed, boost]) {
    hash.update(`${array?.length}`);
    if (array) hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
  return hash.digest('hex');
}
