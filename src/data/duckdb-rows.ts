import { resolve } from 'node:path';
import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api';
import { duckDB } from './duckdb.js';
import type { TableRow } from './table-row.js';

/** A DuckDB of its own, in memory, that fetches no extension from the network, keeps the order of rows, and lives in UTC. */
export interface OpenDuckDB {
  readonly connection: DuckDBConnection;
  /** Another connection to the same tables. */
  connect(): Promise<Connection>;
  close(): void;
}

interface Connection {
  readonly connection: DuckDBConnection;
  close(): void;
}

export async function openDuckDB(settings: Readonly<Record<string, string>> = {}): Promise<OpenDuckDB> {
  const { DuckDBInstance } = await duckDB();
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    preserve_insertion_order: 'true',
    autoinstall_known_extensions: 'false',
    ...settings,
  });
  const connection = await instance.connect();
  await connection.run("SET GLOBAL TimeZone = 'UTC'"); // else times with a zone are written in that of this machine
  return {
    connection,
    connect: async () => {
      const another = await instance.connect();
      return { connection: another, close: () => another.closeSync() };
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Lends a connection to a DuckDB of its own. */
export async function* withDuckDB(
  rows: (connection: DuckDBConnection) => AsyncGenerator<TableRow>,
): AsyncGenerator<TableRow> {
  const { connection, close } = await openDuckDB();
  try {
    yield* rows(connection);
  } finally {
    close();
  }
}

/**
 * Streams the rows of a query, numbered from 1: lists, structs and maps as JSON, binary values as their text where they are
 * UTF-8, every other value cast to text as DuckDB writes it (1.0 as 1.0, times with a zone in UTC).
 * @param names of the columns, where the query's own are not those of the source
 */
export async function* queryRows(
  connection: DuckDBConnection,
  query: string,
  names?: readonly string[],
): AsyncGenerator<TableRow> {
  const source = `(${query.replace(/;\s*$/, '')}\n)`; // the line break ends a comment
  const { DuckDBTypeId } = await duckDB();
  const { LIST, ARRAY, STRUCT, MAP, UNION, BLOB } = DuckDBTypeId;
  // their text as DuckDB writes it cannot be read again: `[a1, b c]` may be a list of two or of three
  const nested: readonly number[] = [LIST, ARRAY, STRUCT, MAP, UNION];
  const asText = (name: string, { typeId }: DuckDBType): string => {
    if (nested.includes(typeId)) return `to_json(${name})::VARCHAR`;
    return typeId === BLOB ? `coalesce(try(decode(${name})), ${name}::VARCHAR)` : `${name}::VARCHAR`;
  };
  const columns = await columnsOf(connection, source);
  const selected = columns.map(({ name, type }) => `${asText(nameLiteral(name), type)} AS ${nameLiteral(name)}`);
  const result = await connection.stream(`SELECT ${selected.join(', ')} FROM ${source}`);
  const shown = names ?? columns.map(({ name }) => name);
  let number = 0;
  for await (const rows of result.yieldRowsJs()) {
    for (const row of rows) {
      number += 1;
      yield { number, values: new Map(shown.map((name, i) => [name, row[i] as string | null])) };
    }
  }
}

/** The columns of a table, a table function or a query in parentheses. */
export async function columnsOf(connection: DuckDBConnection, source: string) {
  const empty = await connection.stream(`SELECT * FROM ${source} LIMIT 0`);
  const types = empty.columnTypes();
  return empty.columnNames().map((name, i) => ({ name, type: types[i]! }));
}

/** A quoted SQL identifier. */
export function nameLiteral(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** An SQL literal. */
export function textLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** An SQL literal that names this one file: DuckDB would read `*`, `?` and `[` as a pattern, and `~` as a home folder. */
export function fileLiteral(path: string): string {
  return textLiteral(resolve(path).replace(/[*?[]/g, '[$&]'));
}
