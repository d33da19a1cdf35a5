import { type Command, Option } from 'commander';
import type { AttributeOptions } from '../data/interactions/attribute-table.js';
import type { InteractionOptions } from '../data/interactions/read-interactions.js';
import { TIME_UNITS, type TimeUnit } from '../data/interactions/times/time-unit.js';
import { DATABASE_TYPES, type DatabaseQuery } from '../data/read-database.js';
import { OUTPUT_FORMATS, type OutputFormat } from '../data/writing/output-table.js';
import { SoftpromptError } from '../errors.js';
import { count, finiteNumber, required, shareBelowOne } from './flags.js';
import { addTableFlags, columnNames, type TableFlags, tableOptions } from './table-flags.js';

/** Where interactions are, and how they are read. */
export interface InteractionFlags extends TableFlags {
  readonly interactions?: string;
  readonly database?: string;
  readonly query?: string;
  readonly userColumn?: string;
  readonly itemColumn?: string;
  readonly timeColumn?: string;
  readonly ratingColumn?: string;
  readonly layout?: 'rows' | 'sequences';
  readonly historyColumn?: string;
  readonly listDelimiter?: string;
  readonly timeUnit?: TimeUnit;
  readonly dropInvalid?: boolean;
}

/** Where items and users are, beside interactions or alone, and how they are read. */
export interface AttributeFlags extends TableFlags {
  readonly items?: string;
  readonly users?: string;
  readonly idColumn?: string;
  readonly userIdColumn?: string;
  readonly itemNames?: string;
  readonly userNames?: string;
}

/** How interactions are filtered and split. */
export interface FilterFlags {
  readonly minRating?: number;
  readonly kCore?: number;
  readonly split?: 'leave-one-out' | 'time';
  readonly validShare?: number;
  readonly testShare?: number;
}

/** What the commands `softprompt data …` can be told. */
export interface DataFlags extends InteractionFlags, AttributeFlags, FilterFlags {
  readonly json?: boolean;
  readonly out?: string;
  readonly to?: OutputFormat;
  readonly overwrite?: boolean;
}

/** Flags that say where data is and how it is read. */
export function addDataFlags(command: Command, users = 'users with their attributes'): Command {
  addInteractionFlags(command)
    .option('--items <file>', 'items with their texts and attributes')
    .option('--users <file>', users);
  addItemFlags(command)
    .option('--user-id-column <name>', "column of the id in the users' file")
    .option('--user-names <a,b,c>', "column names of a users' file without a header line");
  return addTableFlags(command, 'the interactions (or of the only file)');
}

export function addInteractionFlags(
  command: Command,
  interactions = 'interactions, each of a user and an item: CSV, TSV, JSONL, Parquet or .inter, .gz too',
): Command {
  return command
    .option('--interactions <file>', interactions)
    .option('--database <type:place>', 'in its stead a database: duckdb:FILE, sqlite:FILE or postgres:CONNECTION')
    .option('--query <select>', 'the SELECT whose rows are the interactions')
    .option('--user-column <name>', 'column of the user, where its name does not tell')
    .option('--item-column <name>', 'column of the item')
    .option('--time-column <name>', "column of the time; 'none' to leave it unread")
    .option('--rating-column <name>', "column of the rating; 'none' to leave it unread")
    .addOption(
      new Option('--layout <kind>', 'an interaction a row, or a user a row with all items').choices([
        'rows',
        'sequences',
      ]),
    )
    .option('--history-column <name>', 'column of the lists, where a user is a row')
    .option('--list-delimiter <text>', 'what separates the items of a list (default: told by all lists)')
    .addOption(
      new Option('--time-unit <unit>', 'how times are written (default: told by all of them)').choices(TIME_UNITS),
    )
    .option('--drop-invalid', 'leave out rows without a readable user, item, time or rating');
}

/** How the items' file is read, beside the flags of all tables. */
export function addItemFlags(command: Command): Command {
  return command
    .option('--id-column <name>', "column of the id in the items' file, where its name does not tell")
    .option('--item-names <a,b,c>', "column names of an items' file without a header line");
}

export function addFilterFlags(command: Command): Command {
  return command
    .option('--min-rating <x>', 'leave out interactions rated lower', finiteNumber)
    .option('--k-core <n>', 'leave out users and items with fewer interactions (default: 1)', count)
    .addOption(
      new Option('--split <kind>', 'what is held out (default: leave-one-out)').choices(['leave-one-out', 'time']),
    )
    .option('--valid-share <share>', 'of a split by time, what validates (default: 0.1)', shareBelowOne)
    .option('--test-share <share>', 'of a split by time, what tests (default: 0.1)', shareBelowOne);
}

export function addWritingFlags(command: Command): Command {
  return command
    .option('--out <folder>', 'where the files go')
    .addOption(new Option('--to <format>', 'their format (default: csv)').choices(OUTPUT_FORMATS))
    .option('--overwrite', 'replace files that are already there');
}

/** Where the interactions are. @throws FLAG_CONFLICT, FLAG_MISSING */
export function interactionSource(flags: InteractionFlags): string | DatabaseQuery | undefined {
  if (flags.database === undefined) {
    if (flags.query !== undefined) required(undefined, '--database', 'the database that --query is asked of');
    return flags.interactions;
  }
  if (flags.interactions !== undefined) {
    throw new SoftpromptError('FLAG_CONFLICT', {
      found: 'There are both --interactions and --database',
      expected: 'one source of interactions',
      fix: 'Leave one of them out.',
    });
  }
  const [kind = '', ...place] = flags.database.split(':');
  const type = DATABASE_TYPES.find((name) => name === kind);
  const query = required(flags.query, '--query', 'the SELECT whose rows are the interactions');
  if (type !== undefined && place.length > 0) return { type, database: place.join(':'), query };
  // the place is not shown: it may hold a password
  throw new SoftpromptError('DATA_DATABASE', {
    found: `a database ${place.length > 0 && /^\w+$/.test(kind) ? `of type '${kind}'` : 'without a type'}`,
    expected: `a type, a colon and a place; types are ${DATABASE_TYPES.join(', ')}`,
    fix: 'Write, for example, duckdb:shop.duckdb.',
  });
}

export function requiredInteractions(flags: InteractionFlags): string | DatabaseQuery {
  return required(interactionSource(flags), '--interactions', 'a file of users, items and times');
}

/** How the files of the command are read. `--names` and `--id-column` are about its only file where there is one alone. */
export function readingOptions(flags: InteractionFlags & AttributeFlags) {
  const { names, ...files } = tableOptions(flags);
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
  const itemTable: AttributeOptions = {
    ...files,
    names: columnNames(flags.itemNames) ?? alone,
    idColumn: flags.idColumn,
  };
  const userTable: AttributeOptions = {
    ...files,
    names: columnNames(flags.userNames) ?? (flags.items === undefined ? alone : undefined),
    idColumn: flags.userIdColumn ?? (flags.items === undefined ? flags.idColumn : undefined),
  };
  return { interactionTable, itemTable, userTable };
}

/** How the interactions are filtered and split. */
export function filterOptions({ minRating, kCore, split, validShare, testShare }: FilterFlags) {
  return { minRating, kCore, split, validShare, testShare };
}
