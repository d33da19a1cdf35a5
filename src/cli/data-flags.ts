import { type Command, Option } from 'commander';
import type { InteractionOptions } from '../data/interactions/read-interactions.js';
import { TIME_UNITS, type TimeUnit } from '../data/interactions/times/time-unit.js';
import { DATABASE_TYPES, type DatabaseQuery } from '../data/read-database.js';
import { TABLE_FORMATS, type TableFormat } from '../data/read-table.js';
import { OUTPUT_FORMATS, type OutputFormat } from '../data/writing/output-table.js';
import { SoftpromptError } from '../errors.js';
import { addOutputFlags, count, finiteNumber, required, shareBelowOne } from './flags.js';

/** What the commands `softprompt data …` can be told. */
export interface DataFlags {
  readonly json?: boolean;
  readonly interactions?: string;
  readonly database?: string;
  readonly query?: string;
  readonly items?: string;
  readonly users?: string;
  readonly userColumn?: string;
  readonly itemColumn?: string;
  readonly timeColumn?: string;
  readonly ratingColumn?: string;
  readonly idColumn?: string;
  readonly format?: TableFormat;
  readonly names?: string;
  readonly delimiter?: string;
  readonly encoding?: string;
  readonly layout?: 'rows' | 'sequences';
  readonly historyColumn?: string;
  readonly listDelimiter?: string;
  readonly timeUnit?: TimeUnit;
  readonly dropInvalid?: boolean;
  readonly minRating?: number;
  readonly kCore?: number;
  readonly split?: 'leave-one-out' | 'time';
  readonly validShare?: number;
  readonly testShare?: number;
  readonly out?: string;
  readonly to?: OutputFormat;
  readonly overwrite?: boolean;
}

/** Flags that say where data is and how it is read; the latter hold for every file of the command. */
export function addDataFlags(command: Command): Command {
  command
    .option('--interactions <file>', 'who met what, when: CSV, TSV, JSONL, Parquet or .inter, .gz too')
    .option('--database <type:place>', 'in its stead a database: duckdb:FILE, sqlite:FILE or postgres:CONNECTION')
    .option('--query <select>', 'the SELECT whose rows are the interactions')
    .option('--items <file>', 'items with their texts and attributes')
    .option('--users <file>', 'users with their attributes')
    .option('--user-column <name>', 'column of the user, where its name does not tell')
    .option('--item-column <name>', 'column of the item')
    .option('--time-column <name>', "column of the time; 'none' to leave it unread")
    .option('--rating-column <name>', "column of the rating; 'none' to leave it unread")
    .option('--id-column <name>', "column of the id in the items' or users' file")
    .addOption(new Option('--format <format>', 'format of the files (default: by their ending)').choices(TABLE_FORMATS))
    .option('--names <a,b,c>', 'column names of files without a header line')
    .option('--delimiter <text>', 'what separates the columns')
    .option('--encoding <name>', 'of the files, such as windows-1252 (default: utf-8)')
    .addOption(
      new Option('--layout <kind>', 'an interaction a row, or a user a row with all his items').choices([
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
  return addOutputFlags(command);
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
export function interactionSource(flags: DataFlags): string | DatabaseQuery | undefined {
  if (flags.database === undefined) return flags.interactions;
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

export function requiredInteractions(flags: DataFlags): string | DatabaseQuery {
  return required(interactionSource(flags), '--interactions', 'a file of users, items and times');
}

/** How the files of the command are read. */
export function readingOptions(flags: DataFlags) {
  const files = {
    format: flags.format,
    names: flags.names?.split(','),
    delimiter: flags.delimiter,
    encoding: flags.encoding,
  };
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
    layout: flags.layout,
    restInLast: flags.layout === 'sequences' && files.names !== undefined,
    columns: Object.fromEntries(Object.entries(columns).filter(([, column]) => column !== undefined)),
    timeUnit: flags.timeUnit,
    listDelimiter: flags.listDelimiter,
    invalidRows: flags.dropInvalid ? 'drop' : 'error',
  };
  const attributes = { ...files, idColumn: flags.idColumn };
  return { interactionTable, itemTable: attributes, userTable: attributes };
}

/** How the interactions are filtered and split. */
export function filterOptions({ minRating, kCore, split, validShare, testShare }: DataFlags) {
  return { minRating, kCore, split, validShare, testShare };
}
