import { SoftpromptError } from '../errors.js';
import { choice, type Kind, text, toggle } from '../options/kind.js';
import { declareOptions, type Given } from '../options/option.js';
import type { AttributeOptions } from './interactions/attribute-table.js';
import type { InteractionOptions } from './interactions/read-interactions.js';
import { TIME_UNITS } from './interactions/times/time-unit.js';
import { isPostgresUrl } from './postgres/connection-string.js';
import { DATABASE_TYPES, type DatabaseQuery, KEPT_INTERACTIONS } from './read-database.js';
import { checkTable, columnNames, declareTable } from './table-options.js';

/*
 * The files of a command as people name them: one `--format` for all, columns by their role. `interactionSource` and
 * `readingOptions` make of it what programs say, a table's options for each file.
 */

const nothingMissing = 'a file of users, items and times';

/** Where interactions are, and how they are read. @param about the file of them */
export function declareInteractions(
  about = 'interactions, each of a user and an item: CSV, TSV, JSONL, Parquet or .inter, .gz too',
) {
  return declareOptions({
    interactions: { kind: text('<file>'), about },
    database: {
      kind: text('<type:place>'),
      about:
        'in its stead a database: postgres://…, pglite:DIR (the --store of a stopped service), duckdb:FILE, sqlite:FILE',
    },
    query: {
      kind: text('<select>'),
      about: 'the SELECT whose rows are the interactions',
      auto: 'of postgres and pglite: those that serve has kept',
    },
    userColumn: { kind: text('<name>'), about: 'column of the user, where its name does not tell' },
    itemColumn: { kind: text('<name>'), about: 'column of the item' },
    timeColumn: { kind: text('<name>'), about: "column of the time; 'none' to leave it unread" },
    ratingColumn: { kind: text('<name>'), about: "column of the rating; 'none' to leave it unread" },
    layout: {
      kind: choice('<kind>', ['rows', 'sequences']),
      about: 'an interaction a row, or a user a row with all items',
    },
    historyColumn: { kind: text('<name>'), about: 'column of the lists, where a user is a row' },
    listDelimiter: {
      kind: text('<text>'),
      about: 'what separates the items of a list',
      auto: 'told by all lists',
    },
    timeUnit: {
      kind: choice('<unit>', TIME_UNITS),
      about: 'how times are written',
      auto: 'told by all of them',
    },
    dropInvalid: { kind: toggle, about: 'leave out rows without a readable user, item, time or rating' },
  });
}

export const INTERACTIONS = declareInteractions();

/** How the items' file is read, beside what is said of all tables. */
export const ITEM_TABLE = declareOptions({
  idColumn: { kind: text('<name>'), about: "column of the id in the items' file, where its name does not tell" },
  itemNames: {
    kind: columnNames as Kind<readonly string[]>,
    about: "column names of an items' file without a header line",
  },
});

export const USER_TABLE = declareOptions({
  userIdColumn: { kind: text('<name>'), about: "column of the id in the users' file" },
  userNames: { kind: columnNames, about: "column names of a users' file without a header line" },
});

/** All of it: where interactions, items and users lie, and how they are read. */
export const DATA_FILES = declareOptions({
  ...INTERACTIONS,
  items: { kind: text('<file>'), about: 'items with their texts and attributes' },
  users: { kind: text('<file>'), about: 'users with their attributes' },
  ...ITEM_TABLE,
  ...USER_TABLE,
  ...declareTable('the interactions (or of the only file)'),
});

export type DataFiles = Given<typeof DATA_FILES>;
type InteractionFile = Given<typeof INTERACTIONS>;

const missing = (flag: string, expected: string): SoftpromptError =>
  new SoftpromptError('FLAG_MISSING', {
    found: `The flag --${flag} is missing`,
    expected,
    fix: `Add --${flag} to the command line or to the file given with --config.`,
  });

/** Where the interactions are. @throws FLAG_CONFLICT, FLAG_MISSING, DATA_DATABASE */
export function interactionSource({
  interactions,
  database,
  query,
}: Pick<InteractionFile, 'interactions' | 'database' | 'query'>): string | DatabaseQuery | undefined {
  if (database === undefined) {
    if (query !== undefined) throw missing('database', 'the database that --query is asked of');
    return interactions;
  }
  if (interactions !== undefined) {
    throw new SoftpromptError('FLAG_CONFLICT', {
      found: 'There are both --interactions and --database',
      expected: 'one source of interactions',
      fix: 'Leave one of them out.',
    });
  }
  if (isPostgresUrl(database)) return { type: 'postgres', database, query: query ?? KEPT_INTERACTIONS };
  const [kind = '', ...place] = database.split(':');
  const type = DATABASE_TYPES.find((name) => name === kind);
  const usual = type === 'postgres' || type === 'pglite' ? KEPT_INTERACTIONS : undefined;
  const select = query ?? usual;
  if (select === undefined) throw missing('query', 'the SELECT whose rows are the interactions');
  if (type !== undefined && place.length > 0) return { type, database: place.join(':'), query: select };
  // the place is not shown: it may hold a password
  throw new SoftpromptError('DATA_DATABASE', {
    found: `a database ${place.length > 0 && /^\w+$/.test(kind) ? `of type '${kind}'` : 'without a type'}`,
    expected: `a type, a colon and a place; types are ${DATABASE_TYPES.join(', ')}`,
    fix: 'Write, for example, postgres://me@localhost/shop or duckdb:shop.duckdb.',
  });
}

/** @throws FLAG_MISSING, and the errors of interactionSource */
export function requiredInteractions(files: DataFiles): string | DatabaseQuery {
  const source = interactionSource(files);
  if (source === undefined) throw missing('interactions', nothingMissing);
  return source;
}

/**
 * How each file is read. Names and the id's column are about the only file where there is one alone.
 * @throws FLAG_CONFLICT
 */
export function readingOptions(flags: DataFiles) {
  const { format, delimiter, quoted, encoding, names } = flags;
  const files = { format, delimiter, quoted, encoding };
  checkTable({ ...files, names });
  const unlessNone = (column: string | undefined) => (column === 'none' ? null : column);
  const columns = {
    user: flags.userColumn,
    item: flags.itemColumn,
    items: flags.historyColumn,
    time: unlessNone(flags.timeColumn),
    rating: unlessNone(flags.ratingColumn),
  };
  const interactionTable: InteractionOptions = {
    ...files,
    names,
    layout: flags.layout,
    restInLast: flags.layout === 'sequences' && names !== undefined,
    columns: Object.fromEntries(Object.entries(columns).filter(([, column]) => column !== undefined)),
    timeUnit: flags.timeUnit,
    listDelimiter: flags.listDelimiter,
    invalidRows: flags.dropInvalid ? 'drop' : 'error',
  };
  const alone = flags.interactions === undefined && flags.database === undefined ? names : undefined;
  const itemTable: AttributeOptions = { ...files, names: flags.itemNames ?? alone, idColumn: flags.idColumn };
  const userTable: AttributeOptions = {
    ...files,
    names: flags.userNames ?? (flags.items === undefined ? alone : undefined),
    idColumn: flags.userIdColumn ?? (flags.items === undefined ? flags.idColumn : undefined),
  };
  return { interactionTable, itemTable, userTable };
}
