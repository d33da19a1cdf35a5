import { columnsOf, namedColumn, requireColumn } from '../../data/interactions/guess-columns.js';
import { idList } from '../../data/interactions/list-text.js';
import type { TableOptions } from '../../data/read-table.js';
import { type RowSource, sourceName, tableRows } from '../../data/row-source.js';
import { SoftpromptError } from '../../errors.js';
import { type LikeRule, likeRule } from './like-rule.js';

/** Somebody's answer to an item, and what was known of him before. */
export interface PreferenceRow {
  readonly user: string;
  readonly item: string;
  /** Undefined where it is asked. */
  readonly liked: boolean | undefined;
  /** Seconds, or whatever the source counts in. Where it has no times the rows are in their order: see `behind`. */
  readonly time: number;
  /** Items that he liked before, the oldest first, where the row says so itself. */
  readonly history?: readonly string[] | undefined;
  /** Items that he did not like, the same way. */
  readonly disliked?: readonly string[] | undefined;
}

export interface PreferenceRowOptions {
  /** What a like is, such as `rating >= 4`. Default: the column `label`, or else `rating >= 4`. */
  readonly like?: string | undefined;
  readonly table?: TableOptions | undefined;
  readonly userColumn?: string | undefined;
  readonly itemColumn?: string | undefined;
  readonly timeColumn?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Columns {
  readonly user: string;
  readonly item: string;
  readonly time: string | undefined;
  readonly history: string | undefined;
  readonly disliked: string | undefined;
  readonly like: LikeRule;
}

/**
 * Reads answers, in the order of their times (of equal ones, of the source).
 * @throws DATA_COLUMN_MISSING, DATA_ID_MISSING, DATA_LABEL_UNKNOWN, DATA_TIME_INVALID, RECOMMEND_OPTION, tableRows' errors
 */
export async function readPreferences(source: RowSource, options: PreferenceRowOptions = {}): Promise<PreferencesRead> {
  const name = sourceName(source);
  let columns: Columns | undefined;
  const rows: PreferenceRow[] = [];
  for await (const { number, values } of tableRows(source, { ...options.table, signal: options.signal })) {
    columns ??= columnsOfRows([...values.keys()], name, options);
    const idOf = (column: string) => {
      const id = values.get(column)?.trim();
      if (id) return id;
      throw new SoftpromptError('DATA_ID_MISSING', {
        found: `${name}:${number} has nothing in '${column}'`,
        expected: 'the id of a user and of an item in every row',
        fix: 'Fill it in, or remove the row.',
      });
    };
    const listOf = (column: string | undefined) =>
      column === undefined ? undefined : idList(values.get(column) ?? '');
    rows.push({
      user: idOf(columns.user),
      item: idOf(columns.item),
      liked: columns.like.read(values.get(columns.like.column) ?? '', `${name}:${number}`),
      time:
        columns.time === undefined
          ? number
          : readTime(values.get(columns.time) ?? '', `${name}:${number}`, columns.time),
      history: listOf(columns.history),
      disliked: listOf(columns.disliked),
    });
  }
  return { rows: rows.sort((a, b) => a.time - b.time), timed: columns?.time !== undefined };
}

export interface PreferencesRead {
  readonly rows: readonly PreferenceRow[];
  /** Whether the source has times; else a row's time is its number. */
  readonly timed: boolean;
}

/** Rows without times come after all that were read before them. */
export function behind(
  { rows, timed }: PreferencesRead,
  ...earlier: readonly (readonly PreferenceRow[])[]
): readonly PreferenceRow[] {
  if (timed) return rows;
  const latest = earlier.flat().reduce((most, { time }) => Math.max(most, time), 0);
  return rows.map((row) => ({ ...row, time: latest + row.time }));
}

function columnsOfRows(names: readonly string[], source: string, options: PreferenceRowOptions): Columns {
  const user = requireColumn('user', names, source, options.userColumn);
  return {
    user,
    item: requireColumn('item', names, source, options.itemColumn, user),
    time:
      options.timeColumn === undefined
        ? columnsOf('time', names)[0]
        : requireColumn('time', names, source, options.timeColumn),
    history: namedColumn('history', names),
    disliked: namedColumn('disliked', names),
    like: likeRule(options.like, names, source),
  };
}

function readTime(text: string, place: string, column: string): number {
  const trimmed = text.trim();
  const time = trimmed === '' ? Number.NaN : Number(trimmed);
  const seconds = Number.isNaN(time) ? Date.parse(trimmed) / 1000 : time;
  if (Number.isFinite(seconds)) return seconds;
  throw new SoftpromptError('DATA_TIME_INVALID', {
    found: `${place} has the time ${JSON.stringify(text)} in '${column}'`,
    expected: 'a number, or a date such as 2026-11-29T23:00:00Z',
    fix: 'Correct it, or name another column (--time-column).',
  });
}
