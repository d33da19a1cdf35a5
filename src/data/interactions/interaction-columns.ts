import { mayBeTime } from './column-names.js';
import { columnsOf, requireColumn } from './guess-columns.js';

/** The columns that were named; null for a time or rating that is not to be read. */
export type NamedColumns = Partial<Record<'user' | 'item' | 'items', string>> &
  Partial<Record<'time' | 'rating', string | null>>;

/** The columns of interactions, one a row. */
export interface RowColumns {
  readonly user: string;
  readonly item: string;
  readonly time: string | undefined;
  readonly rating: string | undefined;
  /** Whether only the values can tell that the time's column holds times: its name hints at it. */
  readonly timeUnsure: boolean;
}

/** @param notTimes columns whose values are known to be no times @throws DATA_COLUMN_MISSING */
export function rowColumns(
  source: string,
  names: readonly string[],
  named: NamedColumns,
  notTimes: ReadonlySet<string>,
): RowColumns {
  const user = requireColumn('user', names, source, named.user);
  const item = requireColumn('item', names, source, named.item, user);
  const optional = (role: 'time' | 'rating') => {
    const column = named[role];
    if (column === null) return undefined;
    return column === undefined
      ? columnsOf(role, names).find((name) => name !== user && name !== item)
      : requireColumn(role, names, source, column);
  };
  const time = optional('time');
  const hinted = time === undefined && named.time !== null ? hintedTimes(names, [user, item], notTimes)[0] : undefined;
  return { user, item, time: time ?? hinted, rating: optional('rating'), timeUnsure: hinted !== undefined };
}

export function sequenceColumns(source: string, names: readonly string[], named: NamedColumns) {
  const user = requireColumn('user', names, source, named.user);
  const items = requireColumn('items', names, source, named.items, user);
  const next =
    named.item === undefined
      ? columnsOf('item', names).find((name) => name !== user && name !== items)
      : requireColumn('item', names, source, named.item);
  return { user, items, ...(next === undefined ? {} : { item: next }) };
}

function hintedTimes(names: readonly string[], taken: readonly string[], notTimes: ReadonlySet<string>): string[] {
  return names.filter((name) => mayBeTime(name) && !notTimes.has(name) && !taken.includes(name));
}

/** Columns that are called as if they held times, the surest first. */
export function namedAsTimes(names: readonly string[]): string[] {
  return [...new Set([...columnsOf('time', names), ...names.filter(mayBeTime)])];
}

/** What was chosen among several columns that could be meant, for people. */
export function choiceNotes(columns: RowColumns, names: readonly string[], named: NamedColumns): string[] {
  const notes: string[] = [];
  const taken = [columns.user, columns.item, columns.time, columns.rating];
  for (const role of ['user', 'item', 'time'] as const) {
    if (named[role] !== undefined || columns[role] === undefined) continue;
    const others = (role === 'time' ? namedAsTimes(names) : columnsOf(role, names)).filter(
      (name) => !taken.includes(name),
    );
    if (others.length === 0) continue;
    const list = others.slice(0, 3).map((name) => `'${name}'`);
    notes.push(
      `the ${role} is read from '${columns[role]}'; ${list.join(', ')} could be meant as well (--${role}-column)`,
    );
  }
  return notes;
}
