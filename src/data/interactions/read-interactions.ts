import { SoftpromptError } from '../../errors.js';
import { type DatabaseQuery, readDatabase } from '../read-database.js';
import { readTable, type TableOptions } from '../read-table.js';
import type { TableRow } from '../table-row.js';
import { GrowingColumn } from './growing-column.js';
import { findColumn, requireColumn } from './guess-columns.js';
import { IdCodes } from './id-codes.js';
import type { InteractionData } from './interaction-data.js';
import { readItemList } from './item-list.js';
import { guessTimeUnit, readTime, type TimeKind, type TimeUnit, UNITS_PER_SECOND } from './read-times.js';

export interface InteractionOptions extends TableOptions {
  /**
   * `rows`: an interaction a row. `sequences`: a user a row, with all his items in the order of time in one column
   * (separated by white space, or a JSON array); a column of the next item may follow, as in RecBole's files.
   */
  readonly layout?: 'rows' | 'sequences' | undefined;
  /**
   * The columns, where their names do not tell; null for a time or rating that is not to be read. In the layout
   * `sequences`, `items` is the column of lists.
   */
  readonly columns?:
    | (Partial<Record<'user' | 'item' | 'items', string>> & Partial<Record<'time' | 'rating', string | null>>)
    | undefined;
  /** Default: told by the column's first value and its largest. */
  readonly timeUnit?: TimeUnit | undefined;
  /** What becomes of rows without a user, an item, a time or a rating that can be read. Default: error. */
  readonly invalidRows?: 'error' | 'drop' | undefined;
}

/** How a source was understood. */
export interface InteractionReport {
  readonly source: string;
  /** Rows of the source, dropped ones included. */
  readonly rows: number;
  /** The columns used. Without a time, the order of the rows is the order of time. */
  readonly columns: Readonly<Record<string, string>>;
  readonly timeUnit: TimeUnit | undefined;
  /** Different ids that hold half a character (a lone surrogate), read as U+FFFD. */
  readonly malformedIds: number;
  /** Rows left out because of `invalidRows: 'drop'`. */
  readonly dropped: { readonly withoutId: number; readonly invalidTime: number; readonly invalidRating: number };
}

/**
 * Reads interactions from a file (see readTable) or a database, one row at a time: memory is bounded by the columns and
 * the ids.
 * @throws DATA_COLUMN_MISSING, DATA_ID_MISSING, DATA_TIME_INVALID, DATA_RATING_INVALID, DATA_ID_REPEATED where a user has
 * two sequences, and the errors of readTable or readDatabase.
 */
export async function readInteractions(
  source: string | DatabaseQuery,
  options: InteractionOptions = {},
): Promise<{ data: InteractionData; report: InteractionReport }> {
  const name = typeof source === 'string' ? source : `the query on ${source.type}`;
  const rows = typeof source === 'string' ? readTable(source, options) : readDatabase(source);
  return options.layout === 'sequences' ? fromSequences(name, rows, options) : fromRows(name, rows, options);
}

async function fromRows(source: string, rows: AsyncIterable<TableRow>, options: InteractionOptions) {
  const { columns: named = {}, invalidRows = 'error' } = options;
  const users = new IdCodes();
  const items = new IdCodes();
  const user = new GrowingColumn((length) => new Int32Array(length));
  const item = new GrowingColumn((length) => new Int32Array(length));
  const time = new GrowingColumn((length) => new Float64Array(length));
  const rating = new GrowingColumn((length) => new Float32Array(length));
  const dropped = { withoutId: 0, invalidTime: 0, invalidRating: 0 };
  let columns: RowColumns | undefined;
  let timeKind: TimeKind | undefined = options.timeUnit && (options.timeUnit === 'date' ? 'date' : 'number');
  let largestTime = Number.NEGATIVE_INFINITY;
  let count = 0;

  for await (const row of rows) {
    count += 1;
    columns ??= rowColumns(source, row, named);
    const userId = row.values.get(columns.user);
    const itemId = row.values.get(columns.item);
    if (!userId || !itemId) {
      if (invalidRows === 'error') throw idMissing(source, row, userId ? columns.item : columns.user);
      dropped.withoutId += 1;
      continue;
    }
    const read = columns.time === undefined ? undefined : readTime(row.values.get(columns.time) ?? '', timeKind);
    if (columns.time !== undefined && read === undefined) {
      if (invalidRows === 'error') throw timeInvalid(source, row, columns.time, timeKind);
      dropped.invalidTime += 1;
      continue;
    }
    const stars = columns.rating === undefined ? 0 : readRating(row.values.get(columns.rating));
    if (Number.isNaN(stars)) {
      if (invalidRows === 'error') throw ratingInvalid(source, row, columns.rating!);
      dropped.invalidRating += 1;
      continue;
    }
    if (read !== undefined) {
      timeKind = read.kind;
      largestTime = Math.max(largestTime, read.value);
      time.push(read.value);
    }
    if (columns.rating !== undefined) rating.push(stars);
    user.push(users.codeOf(userId));
    item.push(items.codeOf(itemId));
  }

  for (const ids of [users, items]) ids.checkDistinct(source);
  const malformedIds = users.malformed + items.malformed;
  const timeUnit =
    columns?.time === undefined
      ? undefined
      : (options.timeUnit ?? (timeKind === 'date' ? 'date' : guessTimeUnit(largestTime)));
  const data: InteractionData = {
    users: users.ids,
    items: items.ids,
    user: user.take(),
    item: item.take(),
    time: timeUnit && inSeconds(time.take(), UNITS_PER_SECOND[timeUnit]),
    rating: columns?.rating === undefined ? undefined : rating.take(),
  };
  const used = Object.entries(columns ?? {}).filter(([, column]) => column !== undefined);
  return { data, report: { source, rows: count, columns: Object.fromEntries(used), timeUnit, malformedIds, dropped } };
}

async function fromSequences(source: string, rows: AsyncIterable<TableRow>, options: InteractionOptions) {
  const { columns: named = {}, invalidRows = 'error' } = options;
  const users = new IdCodes();
  const items = new IdCodes();
  const user = new GrowingColumn((length) => new Int32Array(length));
  const item = new GrowingColumn((length) => new Int32Array(length));
  let columns: { user: string; items: string; item?: string } | undefined;
  let count = 0;
  let withoutId = 0;

  for await (const row of rows) {
    count += 1;
    columns ??= sequenceColumns(source, row, named);
    const userId = row.values.get(columns.user);
    if (!userId) {
      if (invalidRows === 'error') throw idMissing(source, row, columns.user);
      withoutId += 1;
      continue;
    }
    const known = users.ids.length;
    const code = users.codeOf(userId);
    if (code < known) throw sequenceRepeated(source, row, userId);
    const next = columns.item === undefined ? undefined : row.values.get(columns.item);
    for (const itemId of [...readItemList(row.values.get(columns.items) ?? ''), ...(next ? [next] : [])]) {
      user.push(code);
      item.push(items.codeOf(itemId));
    }
  }

  for (const ids of [users, items]) ids.checkDistinct(source);
  const malformedIds = users.malformed + items.malformed;
  const data: InteractionData = {
    users: users.ids,
    items: items.ids,
    user: user.take(),
    item: item.take(),
    time: undefined,
    rating: undefined,
  };
  const dropped = { withoutId, invalidTime: 0, invalidRating: 0 };
  return { data, report: { source, rows: count, columns: { ...columns }, timeUnit: undefined, malformedIds, dropped } };
}

interface RowColumns {
  readonly user: string;
  readonly item: string;
  readonly time: string | undefined;
  readonly rating: string | undefined;
}

type NamedColumns = NonNullable<InteractionOptions['columns']>;

function rowColumns(source: string, row: TableRow, named: NamedColumns): RowColumns {
  const names = [...row.values.keys()];
  const optional = (role: 'time' | 'rating') => {
    const column = named[role];
    if (column === null) return undefined;
    return column === undefined ? findColumn(role, names) : requireColumn(role, names, source, column);
  };
  return {
    user: requireColumn('user', names, source, named.user),
    item: requireColumn('item', names, source, named.item),
    time: optional('time'),
    rating: optional('rating'),
  };
}

function sequenceColumns(source: string, row: TableRow, named: NamedColumns) {
  const names = [...row.values.keys()];
  const next = named.item === undefined ? findColumn('item', names) : requireColumn('item', names, source, named.item);
  return {
    user: requireColumn('user', names, source, named.user),
    items: requireColumn('items', names, source, named.items),
    ...(next === undefined ? {} : { item: next }),
  };
}

function inSeconds(times: Float64Array, unitsPerSecond: number): Float64Array {
  if (unitsPerSecond !== 1) for (let row = 0; row < times.length; row++) times[row]! /= unitsPerSecond;
  return times;
}

/** NaN where the text is no number. */
function readRating(text: string | null | undefined): number {
  const rating = text?.trim() ? Number(text) : Number.NaN;
  return Number.isFinite(rating) ? rating : Number.NaN;
}

function idMissing(source: string, row: TableRow, column: string): SoftpromptError {
  return new SoftpromptError('DATA_ID_MISSING', {
    found: `${source}:${row.number} has nothing in '${column}'`,
    expected: 'the id of a user and of an item in every row',
    fix: 'Fill it in, or have invalid rows dropped.',
  });
}

function timeInvalid(source: string, row: TableRow, column: string, kind: TimeKind | undefined): SoftpromptError {
  const all = 'seconds, milliseconds or microseconds since 1970, or a date such as 2024-05-31 or 2024-05-31T12:00:00Z';
  return new SoftpromptError('DATA_TIME_INVALID', {
    found: `${source}:${row.number} has the time ${JSON.stringify(row.values.get(column))} in '${column}'`,
    expected: kind === undefined ? all : `a ${kind}, as in the rows before (${all})`,
    fix: 'Correct it, name another column for the time, or have invalid rows dropped.',
  });
}

function ratingInvalid(source: string, row: TableRow, column: string): SoftpromptError {
  return new SoftpromptError('DATA_RATING_INVALID', {
    found: `${source}:${row.number} has the rating ${JSON.stringify(row.values.get(column))} in '${column}'`,
    expected: 'a number',
    fix: 'Correct it, name another column for the rating, or have invalid rows dropped.',
  });
}

function sequenceRepeated(source: string, row: TableRow, user: string): SoftpromptError {
  return new SoftpromptError('DATA_ID_REPEATED', {
    found: `${source}:${row.number} holds a second sequence of the user '${user}'`,
    expected: 'one row a user',
    fix: "Keep his longest row. RecBole's training files hold each history in pieces; the test file holds it whole.",
  });
}
