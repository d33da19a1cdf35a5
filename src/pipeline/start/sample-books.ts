import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../atomic-file.js';
import { readBookCatalogue } from '../../data/simulation/book-catalogue.js';
import { simulateReaders } from '../../data/simulation/simulate-readers.js';
import { writeSimulation } from '../../data/simulation/write-simulation.js';
import { EMBEDDED_MODEL } from '../../model/embedded-model.js';
import type { FitHooks, FitResult } from '../recommend/fit-events.js';
import type { RecommendOptions } from '../recommend/fit-options.js';
import { fitRecommender } from '../recommend/fit-recommender.js';
import { openRecommender, type Recommendation, recommendFor } from '../recommend/open-recommender.js';
import { sampleFile } from './sample-files.js';

/** A simulated reader with what is recommended to him. */
export interface ServedReader {
  readonly reader: string;
  /** Titles of the latest books of his history, the oldest first. */
  readonly lately: readonly string[];
  readonly recommendations: readonly Recommendation[];
}

export interface SampleBooks {
  readonly fitted: FitResult;
  readonly books: number;
  readonly readers: number;
  /** Title of each book by its id. */
  readonly titles: ReadonlyMap<string, string>;
  readonly served: ServedReader;
}

/** Quick enough for a tour; the defaults learn longer. */
const NETWORK = { epochs: 24, patience: 6, learningRate: 0.003 };

const LATELY = 4;
const RECOMMENDED = 5;

/**
 * Simulates readers of the sample catalogue, fits a recommender to them with the embedded model as the reader of the books'
 * texts, measures it beside baselines, and recommends to one of them. Its data lies beside it in `data`.
 * @returns only the fit where that was interrupted
 */
export async function fitSampleBooks(
  folder: string,
  { network, ...options }: Pick<RecommendOptions, 'seed' | 'threads' | 'network'>,
  hooks: FitHooks,
): Promise<SampleBooks | { readonly fitted: FitResult }> {
  const catalogue = await readBookCatalogue(sampleFile('books/books.csv'), sampleFile('books/subjects.csv'));
  const data = join(folder, 'data');
  const items = join(data, 'books.csv');
  await writeFileAtomically(items, await readFile(sampleFile('books/books.csv')));
  const simulation = simulateReaders(catalogue, { seed: options.seed ?? 0 });
  const { interactions } = await writeSimulation(data, simulation);
  const fitted = await fitRecommender(
    {
      model: EMBEDDED_MODEL,
      interactions,
      items,
      out: folder,
      overwrite: true,
      baselines: true,
      network: { ...NETWORK, ...network },
      ...options,
    },
    hooks,
  );
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
      readers: simulation.readers.length,
      titles,
      served: { reader: users[reader]!, lately, recommendations },
    };
  } finally {
    await recommender.release();
  }
}

/** Any would do. */
const SHOWN_READER = 7;
