import { SoftpromptError } from '../../errors.js';
import { softpromptCommand } from '../../shell-command.js';
import type { DataSet } from './data-set.js';
import { movieLens100k, movieLensCsv, movieLensDat } from './movielens.js';
import { sentencePolarity } from './sentence-polarity.js';

const GROUPLENS = {
  terms:
    'For research; no redistribution without permission, no commercial use without permission of GroupLens (https://grouplens.org/datasets/movielens/, README in the zip).',
  citation:
    'F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. ACM Transactions on Interactive Intelligent Systems 5, 4: 19:1–19:19. https://doi.org/10.1145/2827872',
  next: (folder: string) =>
    softpromptCommand(
      ...['recommend', 'fit', '--interactions', `${folder}/interactions.csv`, '--items', `${folder}/items.csv`],
      ...['--out', `${folder}-recommender`],
    ),
};

const movieLens = (name: string, about: string, mebibytes: number, md5: string | undefined) => ({
  ...GROUPLENS,
  ...{ name, about, mebibytes, md5 },
  url: `https://files.grouplens.org/datasets/movielens/${name}.zip`,
});

export const DATA_SETS: readonly DataSet[] = [
  {
    ...movieLens('ml-100k', '100,000 ratings of films, 1997–1998', 5, '0e33842e24a9c977be4e0107933c0723'),
    ...movieLens100k,
  },
  {
    ...movieLens('ml-1m', '1 million ratings of films, 2000–2003', 6, 'c4d9eecfca2ab87c1945afe126590906'),
    ...movieLensDat('ml-1m', true),
  },
  {
    ...movieLens('ml-10m', '10 million ratings of films, 1995–2009', 63, 'ce571fd55effeba0271552578f2648bd'),
    ...movieLensDat('ml-10M100K', false),
  },
  {
    ...movieLens('ml-20m', '20 million ratings of films, 1995–2015', 190, 'cd245b17a1ae2cc31bb14903e1204af3'),
    ...movieLensCsv('ml-20m'),
  },
  {
    ...movieLens('ml-25m', '25 million ratings of films, 1995–2019', 250, '6b51fb2759a8657d3bfcbfc42b592ada'),
    ...movieLensCsv('ml-25m'),
  },
  {
    ...movieLens('ml-latest-small', '100,000 ratings of films, up to recent years', 1, undefined),
    ...movieLensCsv('ml-latest-small'),
  },
  {
    name: 'sentence-polarity',
    about: '10,662 sentences of film reviews, positive or negative (English)',
    url: 'https://raw.githubusercontent.com/nltk/nltk_data/gh-pages/packages/corpora/sentence_polarity.zip',
    md5: '5cdc0cae7f558040d050c90eb2b72e97',
    mebibytes: 1,
    terms: 'Bo Pang and Lillian Lee, CC BY 4.0 (http://creativecommons.org/licenses/by/4.0/), by way of NLTK.',
    citation:
      'Bo Pang and Lillian Lee. 2005. Seeing stars: Exploiting class relationships for sentiment categorization with respect to rating scales. ACL.',
    ...sentencePolarity,
    next: (folder) =>
      softpromptCommand(
        ...['tune', '--model', 'HuggingFaceTB/SmolLM2-135M-Instruct', '--train', `${folder}/train.csv`],
        ...['--test', `${folder}/test.csv`, '--template', '[soft:20]{text} It was{label}'],
        ...['--labels', '{"positive": " great", "negative": " terrible"}', '--out', `${folder}-prompt`],
      ),
  },
];

/** @throws DATA_SET_UNKNOWN */
export function dataSetNamed(name: string): DataSet {
  const found = DATA_SETS.find((set) => set.name === name);
  if (found !== undefined) return found;
  throw new SoftpromptError('DATA_SET_UNKNOWN', {
    found: `There is no data set '${name}'`,
    expected: `one of ${DATA_SETS.map((set) => set.name).join(', ')}`,
    fix: 'See `npx softprompt data fetch --list`.',
  });
}
