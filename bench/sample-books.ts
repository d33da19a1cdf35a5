/**
 * The recommender of the tour: SIMULATED readers of the sample catalogue, the embedded model, beside baselines.
 *
 *   npm run build && node dist/bench/sample-books.js
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fitSampleBooks } from '../src/tour/sample-books.js';
import { machine, writeResult } from './machine.js';

const books = await fitSampleBooks(
  mkdtempSync(join(tmpdir(), 'sample-books-')),
  { seed: 0 },
  {
    onEvent: (event) => {
      if (event.event !== 'reading') console.log(JSON.stringify(event));
    },
  },
);
if (!('served' in books)) throw new Error('interrupted');
const { fitted } = books;
const SHOWN = ['ndcg@10', 'recall@10', 'mrr@10'];
const shown = (figures: Readonly<Record<string, number>>) =>
  Object.fromEntries(SHOWN.map((name) => [name, Number(figures[name]!.toFixed(4))]));
writeResult('bench/results/sample-books.json', {
  what: "simulated readers of the sample books; the difference is the recommender's NDCG@10 less the baseline's, with its 95 % interval over paired resamples of readers",
  machine: machine(),
  protocol: fitted.protocol,
  readers: books.readers,
  books: books.books,
  recommender: { ...shown(fitted.test!), interval: fitted.intervals!['ndcg@10'] },
  networkAlone: shown(fitted.networkAlone!),
  text: fitted.text,
  mixture: fitted.mixture,
  baselines: fitted.baselines!.map(({ name, test, difference }) => ({ name, ...shown(test), difference })),
  seconds: Math.round(fitted.seconds),
});
