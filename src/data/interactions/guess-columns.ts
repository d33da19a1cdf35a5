import { SoftpromptError } from '../../errors.js';
import { type ColumnRole, KNOWN_NAMES, plainName } from './column-names.js';

/** The columns that carry a name known for a role, the surest first. */
export function columnsOf(role: ColumnRole, columns: readonly string[]): string[] {
  const plain = columns.map(plainName);
  const found = KNOWN_NAMES[role].flatMap((name) => columns.filter((_, i) => plain[i] === name));
  return [...new Set(found)];
}

/** The column that was named: as it stands, without the spaces around it, or without case and marks where only one is meant. */
export function namedColumn(named: string, columns: readonly string[]): string | undefined {
  if (columns.includes(named)) return named;
  for (const same of [(name: string) => name.replace(/^\ufeff/, '').trim(), plainName]) {
    const found = columns.filter((column) => same(column) === same(named) && same(named) !== '');
    if (found.length === 1) return found[0];
  }
  return undefined;
}

/** The column of a role: the one that was named, else the surest that carries a name known for it. */
function findColumn(role: ColumnRole, columns: readonly string[], named?: string): string | undefined {
  return named === undefined ? columnsOf(role, columns)[0] : namedColumn(named, columns);
}

/** @param taken a column that has another role already @throws DATA_COLUMN_MISSING */
export function requireColumn(
  role: ColumnRole,
  columns: readonly string[],
  source: string,
  named?: string,
  taken?: string,
): string {
  const free = named === undefined ? columns.filter((column) => column !== taken) : columns;
  const column = findColumn(role, free, named);
  if (column !== undefined) return column;
  const flag = role === 'items' ? 'history' : role;
  const lists = role === 'item' && named === undefined ? columnsOf('items', columns)[0] : undefined;
  throw new SoftpromptError('DATA_COLUMN_MISSING', {
    found: `${source} has the columns ${columns.map((name) => `'${name}'`).join(', ')}`,
    expected: named === undefined ? `one that holds the ${role}, such as '${KNOWN_NAMES[role][0]}'` : `'${named}'`,
    fix: `Name the column of the ${role} (--${flag}-column); give all column names (--names) where the file has no header line${lists === undefined ? '' : `; where '${lists}' holds all items of a user, give --layout sequences`}.`,
  });
}
