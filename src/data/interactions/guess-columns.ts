import { SoftpromptError } from '../../errors.js';

/** The names that data sets give their columns, compared without case and punctuation. */
const KNOWN_NAMES = {
  user: [
    'userid',
    'user',
    'uid',
    'reviewerid',
    'customerid',
    'sessionid',
    'visitorid',
    'memberid',
    'accountid',
    'readerid',
  ],
  item: [
    ...['itemid', 'item', 'iid', 'movieid', 'parentasin', 'asin', 'productid', 'bookid', 'businessid', 'gameid'],
    ...['articleid', 'newsid', 'trackid', 'songid', 'artistid', 'videoid', 'sku'],
  ],
  items: ['itemidlist', 'itemids', 'items', 'itemlist', 'sequence', 'history'],
  time: ['timestamp', 'time', 'unixreviewtime', 'datetime', 'date', 'createdat', 'ts', 'eventtime'],
  rating: ['rating', 'score', 'overall', 'stars'],
} as const;

export type ColumnRole = keyof typeof KNOWN_NAMES;

/** The column of a role: the one that was named, else the first that carries a name known for it. */
export function findColumn(role: ColumnRole, columns: readonly string[], named?: string): string | undefined {
  if (named !== undefined) return columns.includes(named) ? named : undefined;
  const plain = columns.map((column) => column.toLowerCase().replace(/[^a-z0-9]/g, ''));
  for (const name of KNOWN_NAMES[role]) {
    const place = plain.indexOf(name);
    if (place !== -1) return columns[place];
  }
  return undefined;
}

/** @throws DATA_COLUMN_MISSING */
export function requireColumn(role: ColumnRole, columns: readonly string[], source: string, named?: string): string {
  const column = findColumn(role, columns, named);
  if (column !== undefined) return column;
  throw new SoftpromptError('DATA_COLUMN_MISSING', {
    found: `${source} has the columns ${columns.map((name) => `'${name}'`).join(', ')}`,
    expected: named === undefined ? `one that holds the ${role}, such as '${KNOWN_NAMES[role][0]}'` : `'${named}'`,
    fix: `Name the column of the ${role}; give all column names where the file has no header line.`,
  });
}
