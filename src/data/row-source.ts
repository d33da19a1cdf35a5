import { basename } from 'node:path';
import { SoftpromptError } from '../errors.js';
import { readTable, type TableOptions } from './read-table.js';
import type { TableRow } from './table-row.js';

/** What a row in memory may hold; all of it is read as text, null and undefined as none. */
export type Cell = string | number | bigint | boolean | Date | null | undefined;

/** Rows: the path of a table file, or objects from column name to value. */
export type RowSource<Row extends object = object> = string | Iterable<Row> | AsyncIterable<Row>;

/** What rows are called in messages: their file's name, or `rows`. */
export function sourceName(source: RowSource): string {
  return typeof source === 'string' ? basename(source) : 'rows';
}

/**
 * The rows of a file or of memory, one at a time; those in memory are numbered from 1.
 * Rejects with the signal's reason.
 * @throws DATA_ROWS_INVALID where one in memory is no object of plain values, DATA_EMPTY, and readTable's errors
 */
export async function* tableRows(
  source: RowSource,
  { signal, ...options }: TableOptions & { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<TableRow> {
  if (typeof source === 'string') {
    for await (const row of readTable(source, options)) {
      signal?.throwIfAborted();
      yield row;
    }
    return;
  }
  if (!isIterable(source))
    throw invalid(describe(source), 'an array, an iterable, an async iterable, or the path of a file');
  let number = 0;
  for await (const row of source as AsyncIterable<unknown>) {
    number += 1;
    signal?.throwIfAborted();
    yield { number, values: rowValues(row, number) };
  }
  if (number > 0) return;
  throw new SoftpromptError('DATA_EMPTY', {
    found: 'There are no rows',
    expected: 'at least one row',
    fix: 'Give rows; an iterator that was read to its end once gives none again.',
  });
}

/** Options of a run with rows in memory as lists, which can be read more than once. */
export async function listRows<
  Options extends {
    readonly train: RowSource;
    readonly valid?: RowSource | undefined;
    readonly test?: RowSource | undefined;
  },
>(options: Options): Promise<Options> {
  const list = async (rows: RowSource) => {
    if (typeof rows === 'string' || Array.isArray(rows) || !isIterable(rows)) return rows;
    const all: object[] = [];
    for await (const row of rows) all.push(row as object);
    return all;
  };
  const { train, valid, test } = options;
  return {
    ...options,
    train: await list(train),
    ...(valid !== undefined && { valid: await list(valid) }),
    ...(test !== undefined && { test: await list(test) }),
  };
}

/** Whether something can be walked through, text aside. */
export function isIterable(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);
}

/** Column name → text of a row in memory. @param number for messages. @throws DATA_ROWS_INVALID */
export function rowValues(row: unknown, number: number): ReadonlyMap<string, string | null> {
  if (typeof row !== 'object' || row === null || isIterable(row)) {
    throw invalid(`row ${number} is ${describe(row)}`, 'an object from column name to value');
  }
  return new Map(Object.entries(row).map(([column, value]) => [column, cellText(value, column, number)]));
}

function cellText(value: unknown, column: string, number: number): string | null {
  switch (typeof value) {
    case 'undefined':
      return null;
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      if (value === null) return null;
      if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
      throw invalid(`'${column}' of row ${number} is ${describe(value)}`, 'text, a number, a boolean, a date or null');
  }
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'string') return `the text ${JSON.stringify(value)}`;
  return value === null || typeof value !== 'object' ? String(value) : 'an object';
}

function invalid(found: string, expected: string): SoftpromptError {
  return new SoftpromptError('DATA_ROWS_INVALID', {
    found,
    expected,
    fix: "Give rows such as { text: 'a charming film', label: 'positive' }.",
  });
}
