import { SoftpromptError } from '../../errors.js';
import { isMissingMark } from '../missing-marks.js';
import type { TableRow } from '../table-row.js';
import { GrowingColumn } from './growing-column.js';
import { IdCodes } from './id-codes.js';
import { idNotes } from './id-notes.js';
import { choiceNotes, type NamedColumns, namedAsTimes, type RowColumns, rowColumns } from './interaction-columns.js';
import { compactCodes, countCodes, type InteractionData, selectRows } from './interaction-data.js';
import type { InteractionOptions, InteractionsRead } from './interaction-options.js';
import { TimeColumn } from './times/time-column.js';
import { TIMES_READ } from './times/time-unit.js';
import { UnreadTimes } from './unread-times.js';

/** Rows without the columns that are needed, after which the rest is not waited for. */
const MOST_ROWS_IN_VAIN = 10_000;

/**
 * Reads an interaction a row. Which columns are read follows from all rows, since those of JSON differ: where a later row
 * shows that others are meant, the source is read again from its beginning.
 * @param open begins to read the source
 */
export async function readRows(
  source: string,
  open: () => AsyncIterable<TableRow>,
  options: InteractionOptions,
): Promise<InteractionsRead> {
  const names = new Set<string>();
  const notTimes = new Set<string>();
  for (;;) {
    const read = await readOnce(source, open(), options, names, notTimes);
    if (read !== undefined) return read;
  }
}

/** Undefined where other columns are to be read than those that were chosen. */
async function readOnce(
  source: string,
  rows: AsyncIterable<TableRow>,
  options: InteractionOptions,
  names: Set<string>,
  notTimes: Set<string>,
): Promise<InteractionsRead | undefined> {
  const { columns: named = {}, invalidRows = 'error', timeUnit } = options;
  const drop = invalidRows === 'drop';
  const users = new IdCodes();
  const items = new IdCodes();
  const user = new GrowingColumn((length) => new Int32Array(length));
  const item = new GrowingColumn((length) => new Int32Array(length));
  const rating = new GrowingColumn((length) => new Float32Array(length));
  const times = new TimeColumn(timeUnit);
  const dropped = { withoutId: 0, invalidTime: 0, invalidRating: 0 };
  const unread = new UnreadTimes();
  let columns = names.size === 0 ? undefined : chosen(source, names, named, notTimes);
  let count = 0;

  for await (const row of rows) {
    count += 1;
    if (hasNewNames(row, names)) {
      const now = chosen(source, names, named, notTimes);
      if (now !== undefined && count > 1 && !sameColumns(now, columns)) return undefined;
      columns = now;
    }
    if (columns === undefined) {
      if (count >= MOST_ROWS_IN_VAIN) break;
      continue;
    }
    const userId = row.values.get(columns.user);
    const itemId = row.values.get(columns.item);
    if (!isId(userId, drop) || !isId(itemId, drop)) {
      if (!drop) throw idMissing(source, row, isId(userId, drop) ? columns.item : columns.user);
      dropped.withoutId += 1;
      continue;
    }
    const stars = columns.rating === undefined ? 0 : readRating(row.values.get(columns.rating));
    if (Number.isNaN(stars)) {
      if (!drop) throw ratingInvalid(source, row, columns.rating!);
      dropped.invalidRating += 1;
      continue;
    }
    const time = columns.time === undefined ? undefined : (row.values.get(columns.time) ?? '');
    if (time !== undefined && !times.add(time, row.number)) {
      if (columns.timeUnsure && time.trim() !== '' && !isMissingMark(time)) {
        notTimes.add(columns.time!);
        return undefined;
      }
      if (!drop) throw timeInvalid(source, row, columns.time!, options);
      dropped.invalidTime += 1;
      continue;
    }
    if (columns.time === undefined && named.time !== null) unread.look(row, columns);
    if (columns.rating !== undefined) rating.push(stars);
    user.push(users.codeOf(userId));
    item.push(items.codeOf(itemId));
  }
  if (count === 0) throw nothingThere(source);
  columns ??= rowColumns(source, [...names], named, notTimes); // says what is missing
  if (columns.timeUnsure && timeUnit === undefined && !times.evidence.looksLikeTimes()) {
    notTimes.add(columns.time!);
    return undefined;
  }

  for (const ids of [users, items]) ids.checkDistinct(source);
  const malformedIds = users.malformed + items.malformed;
  const read = columns.time === undefined ? undefined : times.finish({ source, column: columns.time }, drop);
  const all: InteractionData = {
    users: users.ids,
    items: items.ids,
    user: user.take(),
    item: item.take(),
    time: read?.times,
    rating: columns.rating === undefined ? undefined : rating.take(),
  };
  const data = withoutUnreadTimes(all);
  dropped.invalidTime += all.user.length - data.user.length;
  const { timeUnsure, ...roles } = columns;
  const used = Object.entries(roles).flatMap(([role, column]) => (column === undefined ? [] : [[role, column]]));
  const report = {
    source,
    rows: count,
    columns: Object.fromEntries(used),
    timeUnit: read?.unit,
    malformedIds,
    dropped,
  };
  const notes = [
    ...choiceNotes(columns, [...names], named),
    ...(read?.notes ?? (named.time === null ? [] : unread.notes(notTimes))),
    ...idNotes('user', columns.user, data.users, countCodes(data.user, data.users.length)),
    ...idNotes('item', columns.item, data.items, countCodes(data.item, data.items.length)),
  ];
  return { data, report, notes };
}

/** Of a database; readTable says it of files. */
export function nothingThere(source: string): SoftpromptError {
  return new SoftpromptError('DATA_EMPTY', {
    found: `${source} gives no rows`,
    expected: 'at least one row',
    fix: 'Check the query.',
  });
}

function hasNewNames(row: TableRow, names: Set<string>): boolean {
  const before = names.size;
  for (const name of row.values.keys()) names.add(name);
  return names.size > before;
}

/** Undefined as long as columns are missing that later rows may have. */
function chosen(
  source: string,
  names: ReadonlySet<string>,
  named: NamedColumns,
  notTimes: ReadonlySet<string>,
): RowColumns | undefined {
  try {
    return rowColumns(source, [...names], named, notTimes);
  } catch (error) {
    if (error instanceof SoftpromptError && error.code === 'DATA_COLUMN_MISSING') return undefined;
    throw error;
  }
}

function sameColumns(a: RowColumns, b: RowColumns | undefined): boolean {
  return b !== undefined && (['user', 'item', 'time', 'rating'] as const).every((role) => a[role] === b[role]);
}

function isId(id: string | null | undefined, strict: boolean): id is string {
  return id !== undefined && id !== null && id.trim() !== '' && !(strict && isMissingMark(id));
}

function withoutUnreadTimes(data: InteractionData): InteractionData {
  const { time } = data;
  if (!time?.some(Number.isNaN)) return data;
  const rows = Int32Array.from(time.keys()).filter((row) => !Number.isNaN(time[row]!));
  return compactCodes(selectRows(data, rows));
}

/** A decimal comma; three digits behind it may be thousands instead. */
const DECIMAL_COMMA = /^\s*[-+]?(?:\d+,\d{1,2}|\d+,\d{4,}|0,\d+)\s*$/;

/** NaN where the text is no number. */
function readRating(text: string | null | undefined): number {
  const plain = text && DECIMAL_COMMA.test(text) ? text.replace(',', '.') : text;
  const rating = plain?.trim() ? Number(plain) : Number.NaN;
  return Number.isFinite(rating) ? rating : Number.NaN;
}

export function idMissing(source: string, row: TableRow, column: string): SoftpromptError {
  return new SoftpromptError('DATA_ID_MISSING', {
    found: `${source}:${row.number} has nothing in '${column}'`,
    expected: 'the id of a user and of an item in every row',
    fix: 'Fill it in, or leave invalid rows out (--drop-invalid).',
  });
}

function timeInvalid(source: string, row: TableRow, column: string, { timeUnit }: InteractionOptions): SoftpromptError {
  const others = namedAsTimes([...row.values.keys()]).filter((name) => name !== column);
  return new SoftpromptError('DATA_TIME_INVALID', {
    found: `${source}:${row.number} has the time ${JSON.stringify(row.values.get(column) ?? null)} in '${column}'`,
    expected: timeUnit === undefined ? TIMES_READ : `a time of the unit that was named, ${timeUnit}`,
    fix: `Correct it, name another column (--time-column ${others[0] === undefined ? 'NAME' : `'${others[0]}'`}, or none to read none), or leave invalid rows out (--drop-invalid).`,
  });
}

function ratingInvalid(source: string, row: TableRow, column: string): SoftpromptError {
  return new SoftpromptError('DATA_RATING_INVALID', {
    found: `${source}:${row.number} has the rating ${JSON.stringify(row.values.get(column) ?? null)} in '${column}'`,
    expected: 'a number, such as 4.5 or 4,5 (what has a comma in front of three digits could be thousands)',
    fix: "Correct it, name another column (--rating-column, 'none' to read none), or leave invalid rows out (--drop-invalid).",
  });
}
