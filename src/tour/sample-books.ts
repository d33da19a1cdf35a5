import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CatalogueBook, readBookCatalogue } from '../data/simulation/book-catalogue.js';
import { simulateReaders } from '../data/simulation/simulate-readers.js';
import { writeSimulation } from '../data/simulation/write-simulation.js';
import { writeFileAtomically } from '../files/atomic-file.js';
import { EMBEDDED_MODEL } from '../hub/embedded-model.js';
import { evaluateRecommender } from '../recommend/evaluate-recommender.js';
import type { FitHooks, FitResult } from '../recommend/fit-events.js';
import { fitJobFolder } from '../recommend/fit-job.js';
import type { RecommendOptions } from '../recommend/fit-options.js';
import { fitRecommender, resumeRecommender } from '../recommend/fit-recommender.js';
import { checkRecommenderFolder, readRecommender } from '../recommend/folder/recommender-folder.js';
import { optionsOfFit } from '../recommend/kept-options.js';
import { openRecommender, type Recommendation, recommendFor } from '../recommend/open-recommender.js';
import { isBegun } from './earlier-part.js';
import { sampleFile } from './sample-files.js';

/** A simulated reader with what is recommended to him. */
export interface ServedReader {
  readonly reader: string;
  /** Titles of the latest books of his history, the oldest first. */
  readonly lately: readonly string[];
  readonly recommendations: readonly Recommendation[];
}

/** A fit; one that an earlier tour ended is measured again, without its baselines. */
export type FittedBooks = Omit<FitResult, 'interactionsPerSecond'>;

export interface SampleBooks {
  readonly fitted: FittedBooks;
  readonly books: number;
  readonly readers: number;
  /** Title of each book by its id. */
  readonly titles: ReadonlyMap<string, string>;
  readonly served: ServedReader;
}

/** Quick enough for a tour; the defaults learn longer. */
const NETWORK = { epochs: 24, patience: 6, learningRate: 0.003 };

/** What needs no long training. */
const BASELINES = ['popularity', 'recentPopularity', 'itemKnn', 'ease', 'easeTexts', 'sasrec', 'sasrecTexts'] as const;

const LATELY = 4;
const RECOMMENDED = 5;

/**
 * Simulates readers of the sample catalogue, fits a recommender to them with the embedded model as the reader of the books'
 * texts, measures it beside baselines, and recommends to one of them. Its data lies beside it in `data`.
 * What an earlier call with the same options has fitted in the folder is gone on with, or measured again.
 * @returns only the fit where that was interrupted @throws PROMPT_FOLDER_EXISTS
 */
export async function fitSampleBooks(
  folder: string,
  options: Options,
  hooks: FitHooks,
): Promise<SampleBooks | { readonly fitted: FittedBooks }> {
  const catalogue = await readBookCatalogue(sampleFile('books/books.csv'), sampleFile('books/subjects.csv'));
  const fitted = await fitOrGoOn(catalogue, folder, options, hooks);
  if (fitted.ended === 'interrupted') return { fitted };
  const recommender = await openRecommender(folder, { threads: options.threads });
  try {
    const { users, histories, itemColumns } = recommender.saved;
    const { items: ids } = recommender.saved.recommender;
    const titles = new Map(ids.map((id, code) => [id, itemColumns.get('title')![code]!]));
    const reader = Math.min(SHOWN_READER, users.length - 1);
    const [start, end] = [histories.offsets[reader]!, histories.offsets[reader + 1]!];
    const lately = [...histories.items.subarray(Math.max(start, end - LATELY), end)].map(
      (code) => titles.get(ids[code]!)!,
    );
    const recommendations = await recommendFor(
      recommender,
      { user: users[reader]! },
      { k: RECOMMENDED, explain: true },
    );
    return {
      fitted,
      books: catalogue.length,
      readers: users.length,
      titles,
      served: { reader: users[reader]!, lately, recommendations },
    };
  } finally {
    await recommender.close();
  }
}

type Options = Pick<RecommendOptions, 'seed' | 'threads' | 'network' | 'overwrite'>;

async function fitOrGoOn(
  catalogue: readonly CatalogueBook[],
  folder: string,
  { network, seed, threads, overwrite = false }: Options,
  hooks: FitHooks,
): Promise<FittedBooks> {
  const wanted = { seed: seed ?? 0, network: { ...NETWORK, ...network } };
  const settings = (kept: RecommendOptions) => ({ seed: kept.seed ?? 0, network: kept.network });
  if (!overwrite) {
    const begun = fitJobFolder(folder);
    const run = begun.holdsRecord() ? (await begun.read()).plan : undefined;
    if (isBegun(folder, wanted, run && settings(run))) return resumeRecommender(folder, hooks);
    const saved = existsSync(join(folder, 'data')) && (await readRecommender(folder).catch(() => undefined));
    if (saved && isBegun(folder, wanted, settings(optionsOfFit(saved)))) {
      return { ...(await evaluateRecommender(folder, { threads }, hooks)), out: folder };
    }
  }
  checkRecommenderFolder(folder, overwrite);
  const data = join(folder, 'data');
  const items = join(data, 'books.csv');
  await writeFileAtomically(items, await readFile(sampleFile('books/books.csv')));
  const simulation = simulateReaders(catalogue, { seed: seed ?? 0 });
  const { interactions } = await writeSimulation(data, simulation);
  return fitRecommender(
    {
      model: EMBEDDED_MODEL,
      interactions,
      items,
      out: folder,
      overwrite,
      baselines: true,
      onlyBaselines: BASELINES,
      network: wanted.network,
      seed,
      threads,
    },
    hooks,
  );
}

/** Any would do. */
const SHOWN_READER = 7;
