import type { DuckDBConnection } from '@duckdb/node-api';
import { SoftpromptError } from '../errors.js';
import { queryRows, textLiteral, withDuckDB } from './duckdb-rows.js';
import type { TableRow } from './table-row.js';

export const DATABASE_TYPES = ['sqlite', 'postgres', 'duckdb'] as const;

/** A query on a database. */
export interface DatabaseQuery {
  readonly type: (typeof DATABASE_TYPES)[number];
  /** The path of a SQLite or DuckDB file, or a PostgreSQL connection string. */
  readonly database: string;
  /** The SELECT whose rows are read, in DuckDB's SQL. */
  readonly query: string;
}

/**
 * Streams the rows of a query, its values as `queryRows` writes them. DuckDB reads its own files; for SQLite and PostgreSQL it needs an extension that
 * is not bundled and that softprompt never fetches by itself: it is used where it has been installed before.
 * @throws DATA_DATABASE, DATA_COLUMN_REPEATED
 */
export async function* readDatabase(source: DatabaseQuery): AsyncGenerator<TableRow> {
  yield* withDuckDB(async function* (connection) {
    if (source.type !== 'duckdb') await loadExtension(connection, source.type);
    try {
      await connection.run(`ATTACH ${textLiteral(source.database)} AS source (TYPE ${source.type}, READ_ONLY)`);
      await connection.run('USE source');
      await refuseRepeatedNames(connection, source.query);
      yield* queryRows(connection, source.query);
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
  });
}

/** A join of two tables may have two columns of one name, of which a row could only show one. */
async function refuseRepeatedNames(connection: DuckDBConnection, query: string): Promise<void> {
  const prepared = await connection.prepare(query);
  const names = Array.from({ length: prepared.columnCount }, (_, i) => prepared.columnName(i));
  prepared.destroySync();
  const plain = names.map((name) => name.toLowerCase());
  const repeated = names.find((_, i) => plain.indexOf(plain[i]!) !== i);
  if (repeated === undefined) return;
  throw new SoftpromptError('DATA_COLUMN_REPEATED', {
    found: `the query has two columns named '${repeated}'`,
    expected: 'different names',
    fix: 'Name them in the query: SELECT a.id AS item_id, b.id AS user_id ….',
  });
}

/** What DuckDB says, but for the password of the connection string that it repeats. */
function answerOf(error: unknown, { database }: DatabaseQuery): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(database, () => withoutPassword(database)).split('\n')[0]!;
}

/** A PostgreSQL connection string, a URI or `name=value` pairs, of which a password is left out. */
export function withoutPassword(connection: string): string {
  return connection
    .replace(/^(\w+:\/\/[^:@/]*):[^/?]*@/, '$1@')
    .replace(/([?&])(?:ssl)?password=[^&]*&?/gi, '$1')
    .replace(/\b(?:ssl)?password\s*=\s*('(?:\\.|[^'\\])*'|\S+)\s*/gi, '');
}

async function loadExtension(connection: DuckDBConnection, type: 'sqlite' | 'postgres'): Promise<void> {
  try {
    await connection.run(`LOAD ${type}`);
  } catch (error) {
    throw new SoftpromptError(
      'DATA_DATABASE',
      {
        found: `DuckDB's extension for ${type} is not installed`,
        expected: 'it to have been installed before, since softprompt downloads no code',
        fix: `Export the rows (${type === 'sqlite' ? '`sqlite3 -header -csv FILE "SELECT …" > rows.csv`' : '`psql --csv -c "SELECT …" > rows.csv`'}) and read that file, or run \`INSTALL ${type}\` once in DuckDB of the same version.`,
      },
      { cause: error },
    );
  }
}
