import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseQuery } from '../data/read-database.js';
import type { RowSource } from '../data/row-source.js';
import { tableRows } from '../data/row-source.js';
import { writeFileAtomically } from '../files/atomic-file.js';
import { writeToFolder } from '../files/folder-writing.js';
import {
  type LikelyUser,
  type LikelyUsersOptions,
  likelyUsers,
  type SimilarOptions,
  similarItems,
} from '../recommend/about-item.js';
import {
  type EvaluateRecommenderOptions,
  evaluateRecommender,
  type RecommenderEvaluation,
} from '../recommend/evaluate-recommender.js';
import type { FitEvent, FitResult } from '../recommend/fit-events.js';
import type { RecommendOptions } from '../recommend/fit-options.js';
import { fitRecommender } from '../recommend/fit-recommender.js';
import { checkRecommenderFolder } from '../recommend/folder/recommender-folder.js';
import { encoderNotes } from '../recommend/load-recommender.js';
import type { NewItems } from '../recommend/new-items.js';
import {
  openRecommender,
  type Recommendation,
  type RecommendForOptions,
  recommendFor,
} from '../recommend/open-recommender.js';
import type { RecommendRequest } from '../recommend/recommend-request.js';
import type { OpenRecommender } from '../recommend/recommender-handle.js';
import { type Closable, closable } from '../runtime/closable.js';
import { Lifetime } from './closing.js';
import { type LoadEvent, loadingOptions, type ModelOptions, type Watching } from './events.js';

/** Rows: an iterable or async iterable of objects, or the path of a file. */
type Rows = RowSource<object>;

/** Every option of `softprompt recommend fit` but its folder. */
export interface FitOptions
  extends Omit<RecommendOptions, 'interactions' | 'items' | 'users' | 'out' | 'overwrite' | 'keepTraining' | 'threads'>,
    ModelOptions<FitEvent | LoadEvent> {
  /** What the items are: their texts and attributes. */
  readonly items?: Rows | undefined;
  /** Attributes of the users. */
  readonly users?: Rows | undefined;
}

export interface OpenOptions extends ModelOptions<FitEvent | LoadEvent> {
  /** A table with items that were not there at the fit: they become candidates by their texts. */
  readonly items?: NewItems | undefined;
  /** Another place of the fit's frozen model, which encodes or reads the items, than where it was then. */
  readonly model?: string | undefined;
}

/** A fitted recommender, ready to answer. */
export interface Recommender extends Closable {
  /** What the fit came to; undefined for one that was opened. */
  readonly report: FitResult | undefined;
  /** For the functions of `softprompt/recommend` that take an open recommender. */
  readonly open: OpenRecommender;
  /**
   * The best items for a user of the interactions, or for anyone by what he met, the oldest first.
   * @throws RECOMMEND_REQUEST, RECOMMEND_FILTER, RECOMMEND_OPTION, CLOSED
   */
  recommend(
    request: RecommendRequest,
    options?: RecommendForOptions & Watching<FitEvent | LoadEvent>,
  ): Promise<Recommendation[]>;
  /** The items most like one, by the cosine of their vectors. @throws RECOMMEND_REQUEST, RECOMMEND_FILTER, CLOSED */
  similar(item: string, options?: SimilarOptions): Promise<Recommendation[]>;
  /** The users for whom an item is likeliest to come next. @throws RECOMMEND_REQUEST, CLOSED */
  audience(item: string, options?: LikelyUsersOptions): Promise<LikelyUser[]>;
  /** All figures on what the fit held out. @throws RUN_DATA_CHANGED where the files are others, CLOSED */
  evaluate(options?: EvaluateRecommenderOptions & Watching<FitEvent | LoadEvent>): Promise<RecommenderEvaluation>;
  /** Writes the folder that `open` and the command line open. @throws PROMPT_FOLDER_EXISTS, PROMPT_FOLDER_UNWRITABLE */
  save(folder: string, options?: { readonly overwrite?: boolean }): Promise<void>;
}

/**
 * Learns to recommend from interactions (who met what, and when): an iterable or async iterable of objects, a file, or a
 * query on a database. What it learns lies in a temporary folder until it is saved.
 * @throws RECOMMEND_OPTION, RECOMMEND_DATA, the errors of reading and loading; the signal's reason
 */
export async function fit(interactions: Rows | DatabaseQuery, options: FitOptions = {}): Promise<Recommender> {
  const { onEvent, signal, items, users, revision, file, token, endpoint, offline, cacheFolder, ...rest } = options;
  signal?.throwIfAborted();
  const folder = await mkdtemp(join(tmpdir(), 'softprompt-recommender-'));
  const lifetime = new Lifetime('the recommender');
  lifetime.own(() => rm(folder, { recursive: true, force: true }));
  try {
    const inFile = async (name: string, rows: Rows) =>
      typeof rows === 'string' ? rows : writeRows(join(folder, 'rows', `${name}.jsonl`), rows, signal);
    const isQuery = (rows: Rows | DatabaseQuery): rows is DatabaseQuery => typeof rows === 'object' && 'query' in rows;
    const out = join(folder, 'recommender');
    const report = await fitRecommender(
      {
        ...rest,
        interactions: isQuery(interactions) ? interactions : await inFile('interactions', interactions),
        items: items && (await inFile('items', items)),
        users: users && (await inFile('users', users)),
        out,
      },
      { ...loadingOptions(options), onEvent, signal },
    );
    if (report.ended === 'interrupted') throw signal?.reason;
    const open = await openRecommender(out, { ...loadingOptions(options), threads: rest.threads });
    return recommenderHandle(open, report, lifetime, { ...options, model: undefined });
  } catch (error) {
    await lifetime.close();
    throw error;
  }
}

/** Opens a recommender's folder. @throws RECOMMENDER_INVALID, PROMPT_BASE_MODEL, the errors of loading */
export async function open(folder: string, options: OpenOptions = {}): Promise<Recommender> {
  const { onEvent, signal, items, model, threads } = options;
  signal?.throwIfAborted();
  const opened = await openRecommender(folder, {
    ...loadingOptions(options),
    ...{ items, model, threads },
    onReading: (done, all) => onEvent?.({ event: 'reading', done, all }),
  });
  for (const text of encoderNotes(opened)) onEvent?.({ event: 'note', text });
  return recommenderHandle(opened, undefined, new Lifetime(`the recommender of ${folder}`), options);
}

function recommenderHandle(
  open: OpenRecommender,
  report: FitResult | undefined,
  lifetime: Lifetime,
  loading: ModelOptions<FitEvent | LoadEvent> & Pick<OpenOptions, 'model'>,
): Recommender {
  lifetime.own(() => open.close());
  const checked = (signal?: AbortSignal) => {
    lifetime.check();
    signal?.throwIfAborted();
  };
  return {
    report,
    open,
    recommend: async (
      request: RecommendRequest,
      { onEvent, signal, ...options }: RecommendForOptions & Watching<FitEvent | LoadEvent> = {},
    ) => {
      checked(signal);
      return recommendFor(open, request, { onNote: (text) => onEvent?.({ event: 'note', text }), ...options });
    },
    similar: async (item: string, options?: SimilarOptions) => {
      checked();
      return similarItems(open, item, options);
    },
    audience: async (item: string, options?: LikelyUsersOptions) => {
      checked();
      return likelyUsers(open, item, options);
    },
    evaluate: async ({
      onEvent,
      signal,
      ...options
    }: EvaluateRecommenderOptions & Watching<FitEvent | LoadEvent> = {}) => {
      checked(signal);
      const { model, threads } = loading;
      const hooks = { ...loadingOptions({ ...loading, onEvent, signal }), onEvent, signal };
      const evaluation = await evaluateRecommender(open.folder, { model, threads, ...options }, hooks);
      if (evaluation.ended === 'interrupted') throw signal?.reason;
      return evaluation;
    },
    save: async (folder: string, { overwrite = false }: { readonly overwrite?: boolean } = {}) => {
      checked();
      checkRecommenderFolder(folder, overwrite);
      await writeToFolder(`The recommender in ${folder}`, () => cp(open.folder, folder, { recursive: true }));
    },
    ...closable(() => lifetime.close()),
  };
}

const LINES_AT_ONCE = 10_000;

/** Rows in memory as a file that a fit reads. @returns its path */
async function writeRows(path: string, rows: Exclude<Rows, string>, signal: AbortSignal | undefined): Promise<string> {
  await writeFileAtomically(path, async (file) => {
    let lines: string[] = [];
    const flush = async () => {
      await file.writeFile(lines.join(''));
      lines = [];
    };
    for await (const { values } of tableRows(rows, { signal })) {
      lines.push(`${JSON.stringify(Object.fromEntries(values))}\n`);
      if (lines.length >= LINES_AT_ONCE) await flush();
    }
    await flush();
  });
  return path;
}
