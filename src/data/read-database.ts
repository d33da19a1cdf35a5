import type { DuckDBConnection } from '@duckdb/node-api';
import { SoftpromptError } from '../errors.js';
import { queryRows, textLiteral, withDuckDB } from './duckdb-rows.js';
import { withoutPassword } from './postgres/connection-string.js';
import { holdsDatabase, openEmbedded } from './postgres/embedded-database.js';
import { openPostgres } from './postgres/postgres-database.js';
import { queryPostgres, refuseRepeatedNames } from './postgres/query-rows.js';
import type { TableRow } from './table-row.js';

export const DATABASE_TYPES = ['postgres', 'pglite', 'duckdb', 'sqlite'] as const;

/** A query on a database. */
export interface DatabaseQuery {
  readonly type: (typeof DATABASE_TYPES)[number];
  /** A PostgreSQL connection string, the folder of a stopped service (pglite), or the path of a DuckDB or SQLite file. */
  readonly database: string;
  /** The SELECT whose rows are read, in PostgreSQL's SQL, or DuckDB's for a file. */
  readonly query: string;
}

/** The interactions that `softprompt serve` keeps; not their ratings, which some may lack. */
export const KEPT_INTERACTIONS =
  'select user_id, item_id, occurred_at as time from softprompt_interactions order by occurred_at, sequence';

/**
 * Streams the rows of a query, its values as `queryPostgres` or `queryRows` writes them. DuckDB reads its own files; for
 * SQLite it needs an extension that is not bundled and that softprompt never fetches by itself: it is used where it has been
 * installed before.
 * @throws DATA_DATABASE, DATA_COLUMN_REPEATED, STORE_LOCKED
 */
export async function* readDatabase(source: DatabaseQuery): AsyncGenerator<TableRow> {
  try {
    yield* source.type === 'postgres' || source.type === 'pglite' ? fromPostgres(source) : fromDuckDB(source);
  } catch (error) {
    if (error instanceof SoftpromptError) throw error;
    throw new SoftpromptError(
      'DATA_DATABASE',
      {
        found: `the ${source.type} database answers: ${answerOf(error, source)}`,
        expected: 'a database that can be opened, and a SELECT that runs on it',
        fix: 'Check the path or connection string, and the names of tables and columns in the query.',
      },
      { cause: error },
    );
  }
}

async function* fromPostgres({ type, database: place, query }: DatabaseQuery): AsyncGenerator<TableRow> {
  if (type === 'pglite') mustHold(place);
  const database = await (type === 'pglite' ? openEmbedded(place) : openPostgres(place)).catch(asReading);
  try {
    yield* queryPostgres(database, query);
  } finally {
    await database.close();
  }
}

/** A store that does not open is here a database that cannot be read. */
function asReading(error: unknown): never {
  if (!(error instanceof SoftpromptError) || error.code !== 'STORE_UNAVAILABLE') throw error;
  throw new SoftpromptError('DATA_DATABASE', error.facts, { cause: error });
}

/** Else an empty database would be made there. */
function mustHold(folder: string): void {
  if (holdsDatabase(folder)) return;
  throw new SoftpromptError('DATA_DATABASE', {
    found: `${folder} holds no interactions of a service`,
    expected: 'the folder that a service was given as --store, once it has stopped',
    fix: 'Check the path.',
  });
}

async function* fromDuckDB(source: DatabaseQuery): AsyncGenerator<TableRow> {
  yield* withDuckDB(async function* (connection) {
    if (source.type === 'sqlite') await loadSqlite(connection);
    await connection.run(`ATTACH ${textLiteral(source.database)} AS source (TYPE ${source.type}, READ_ONLY)`);
    await connection.run('USE source');
    refuseRepeatedNames(await columnNames(connection, source.query));
    yield* queryRows(connection, source.query);
  });
}

async function columnNames(connection: DuckDBConnection, query: string): Promise<string[]> {
  const prepared = await connection.prepare(query);
  const names = Array.from({ length: prepared.columnCount }, (_, i) => prepared.columnName(i));
  prepared.destroySync();
  return names;
}

/** What the database says, but for the password of the connection string that it repeats. */
function answerOf(error: unknown, { database }: DatabaseQuery): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(database, () => withoutPassword(database)).split('\n')[0]!;
}

async function loadSqlite(connection: DuckDBConnection): Promise<void> {
  try {
    await connection.run('LOAD sqlite');
  } catch (error) {
    throw new SoftpromptError(
      'DATA_DATABASE',
      {
        found: "DuckDB's extension for sqlite is not installed",
        expected: 'it to have been installed before, since softprompt downloads no code',
        fix: 'Export the rows (`sqlite3 -header -csv FILE "SELECT …" > rows.csv`) and read that file, or run `INSTALL sqlite` once in DuckDB of the same version.',
      },
      { cause: error },
    );
  }
}
