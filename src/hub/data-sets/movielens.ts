import { type AttributeTable, readAttributes } from '../../data/interactions/attribute-table.js';
import { readInteractions } from '../../data/interactions/read-interactions.js';
import { attributeTable, interactionTable } from '../../data/preparation/output-files.js';
import type { DataSet, DataSetTable } from './data-set.js';

type Reading = Pick<DataSet, 'members' | 'tables'>;

const RATING_COLUMNS = ['user', 'item', 'rating', 'time'];
/** The older sets' encoding. */
const LATIN = 'windows-1252';

/** MovieLens 100K: tab-separated ratings; films and people with vertical bars, a genre a column. */
export const movieLens100k: Reading = {
  members: ['ml-100k/u.data', 'ml-100k/u.item', 'ml-100k/u.genre', 'ml-100k/u.user'],
  async tables(path) {
    const ratings = await readInteractions(path('ml-100k/u.data'), { format: 'tsv', names: RATING_COLUMNS });
    const genreTable = { delimiter: '|', names: ['genre', 'id'] };
    const genres = (await readAttributes(path('ml-100k/u.genre'), 'item', genreTable)).columns.get('genre')!;
    const items = await readAttributes(path('ml-100k/u.item'), 'item', {
      delimiter: '|',
      names: ['id', 'title', 'released', 'video', 'imdb', ...genres],
      encoding: LATIN,
    });
    const genresOf = (row: number) => genres.filter((genre) => items.columns.get(genre)![row] === '1');
    const users = await readAttributes(path('ml-100k/u.user'), 'user', {
      delimiter: '|',
      names: ['id', 'age', 'gender', 'occupation', 'zip'],
    });
    return [
      { file: 'interactions.csv', content: interactionTable(ratings.data) },
      filmTable(items.ids, items.columns.get('title')!, genresOf),
      { file: 'users.csv', content: attributeTable(users, 'user') },
    ];
  },
};

/** MovieLens 1M and 10M: `.dat` files whose values stand between double colons. */
export function movieLensDat(folder: string, people: boolean): Reading {
  const [ratings, movies, users] = ['ratings', 'movies', 'users'].map((name) => `${folder}/${name}.dat`);
  return {
    members: [ratings!, movies!, ...(people ? [users!] : [])],
    async tables(path) {
      const { data } = await readInteractions(path(ratings!), { delimiter: '::', names: RATING_COLUMNS });
      const films = await readAttributes(path(movies!), 'item', {
        ...{ delimiter: '::', names: ['id', 'title', 'genres'] },
        encoding: people ? LATIN : 'utf-8',
      });
      const tables: DataSetTable[] = [
        { file: 'interactions.csv', content: interactionTable(data) },
        filmsWithGenres(films),
      ];
      if (!people) return tables;
      const given = await readAttributes(path(users!), 'user', {
        ...{ delimiter: '::', names: ['id', 'gender', 'age', 'occupation', 'zip'] },
      });
      const columns = new Map(given.columns);
      columns.set(
        'age',
        columns.get('age')!.map((code) => AGES[code] ?? code),
      );
      columns.set(
        'occupation',
        columns.get('occupation')!.map((code) => OCCUPATIONS[Number(code)] ?? code),
      );
      return [...tables, { file: 'users.csv', content: attributeTable({ ids: given.ids, columns }, 'user') }];
    },
  };
}

/** MovieLens 20M and later: CSV with a header line, no people. */
export function movieLensCsv(folder: string): Reading {
  const [ratings, movies] = [`${folder}/ratings.csv`, `${folder}/movies.csv`];
  return {
    members: [ratings, movies],
    async tables(path) {
      const { data } = await readInteractions(path(ratings), { format: 'csv' });
      const films = filmsWithGenres(await readAttributes(path(movies), 'item', { format: 'csv', idColumn: 'movieId' }));
      return [{ file: 'interactions.csv', content: interactionTable(data) }, films];
    },
  };
}

function filmsWithGenres({ ids, columns }: AttributeTable): DataSetTable {
  const genres = columns.get('genres')!;
  return filmTable(ids, columns.get('title')!, (row) =>
    genres[row] === '(no genres listed)' ? [] : genres[row]!.split('|'),
  );
}

/** Items with `title`, `year` (from the end of the title) and `genres`, such as Comedy, Drama. */
function filmTable(
  ids: readonly string[],
  titles: readonly string[],
  genresOf: (row: number) => readonly string[],
): DataSetTable {
  const parts = titles.map((title) => /^(.*?)(?:\s*\((\d{4})\))?\s*$/su.exec(title)!);
  const columns = new Map([
    ['title', parts.map((part) => part[1]!)],
    ['year', parts.map((part) => part[2] ?? '')],
    ['genres', ids.map((_, row) => genresOf(row).join(', '))],
  ]);
  return { file: 'items.csv', content: attributeTable({ ids, columns }, 'item') };
}

/** Codes of MovieLens 1M, from its README. */
const AGES: Readonly<Record<string, string>> = {
  ...{ 1: 'under 18', 18: '18-24', 25: '25-34', 35: '35-44', 45: '45-49', 50: '50-55', 56: '56 or older' },
};
const OCCUPATIONS = [
  ...['other', 'academic or educator', 'artist', 'clerical or admin', 'college or grad student', 'customer service'],
  ...['doctor or health care', 'executive or managerial', 'farmer', 'homemaker', 'K-12 student', 'lawyer'],
  ...['programmer', 'retired', 'sales or marketing', 'scientist', 'self-employed', 'technician or engineer'],
  ...['tradesman or craftsman', 'unemployed', 'writer'],
];
