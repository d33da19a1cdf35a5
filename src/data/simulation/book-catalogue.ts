import { SoftpromptError } from '../../errors.js';
import { readTable } from '../read-table.js';
import type { TableRow } from '../table-row.js';

/** A book as far as simulated readers look at it. */
export interface CatalogueBook {
  readonly bookId: string;
  readonly author: string;
  /** Of the first publication, negative before our era. */
  readonly year: number;
  readonly language: string;
  /** Names of subjects, the same in every language. */
  readonly subjects: readonly string[];
  /** Name of its series, or empty. Books of a series stand in the catalogue in the order in which they are read. */
  readonly series: string;
}

/**
 * Reads the catalogue's columns `book_id`, `author`, `year`, `language`, `subjects` (separated by `; `) and `series`.
 * @param subjectNames a table with a column for each language and a row for each subject, so that a subject is the same
 *   one in every language; the first column names it. Default: subjects are compared as they are written.
 * @throws DATA_COLUMN_MISSING, and the errors of readTable
 */
export async function readBookCatalogue(path: string, subjectNames?: string): Promise<CatalogueBook[]> {
  const names = subjectNames === undefined ? new Map<string, string>() : await readSubjectNames(subjectNames);
  const books: CatalogueBook[] = [];
  for await (const row of readTable(path)) {
    books.push({
      bookId: cell(path, row, 'book_id'),
      author: cell(path, row, 'author'),
      year: Number(cell(path, row, 'year')),
      language: cell(path, row, 'language'),
      subjects: cell(path, row, 'subjects')
        .split('; ')
        .map((subject) => names.get(subject) ?? subject),
      series: cell(path, row, 'series'),
    });
  }
  return books;
}

async function readSubjectNames(path: string): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for await (const { values } of readTable(path)) {
    const [first, ...others] = [...values.values()].map(String);
    for (const other of others) names.set(other, first!);
  }
  return names;
}

function cell(path: string, { values }: TableRow, column: string): string {
  const value = values.get(column);
  if (value !== undefined) return value ?? '';
  throw new SoftpromptError('DATA_COLUMN_MISSING', {
    found: `${path} with the columns ${[...values.keys()].join(', ')}`,
    expected: `a column ${column}`,
    fix: 'Rename the column of the catalogue.',
  });
}
