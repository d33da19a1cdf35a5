import type { DuckDBConnection } from '@duckdb/node-api';
import { duckDB } from './duckdb.js';
import type { TableRow } from './table-row.js';

/** A DuckDB of its own, in memory, that fetches no extension from the network. */
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
    autoinstall_known_extensions: 'false',
    ...settings,
  });
  const connection = await instance.connect();
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
 * Streams the rows of a query, numbered from 1: lists, structs and maps as JSON, every other value cast to text as DuckDB
 * writes it.
 */
export async function* queryRows(connection: DuckDBConnection, query: string): AsyncGenerator<TableRow> {
  const source = `(${query.replace(/;\s*$/, '')}\n)`; // the line break ends a comment
  const nested = await nestedColumns(connection, source);
  const inJson = nested.map(nameLiteral).map((name) => `to_json(${name})::VARCHAR AS ${name}`);
  const columns = inJson.length === 0 ? '*' : `* REPLACE (${inJson.join(', ')})`;
  const result = await connection.stream(`SELECT COLUMNS(*)::VARCHAR FROM (SELECT ${columns} FROM ${source})`);
  const names = result.columnNames();
  let number = 0;
  for await (const rows of result.yieldRowsJs()) {
    for (const row of rows) {
      number += 1;
      yield { number, values: new Map(names.map((name, i) => [name, row[i] as string | null])) };
    }
  }
}

/** The columns whose text as DuckDB writes it cannot be read again: `[a1, b c]` may be a list of two or of three. */
async function nestedColumns(connection: DuckDBConnection, source: string): Promise<string[]> {
  const { DuckDBTypeId } = await duckDB();
  const { LIST, ARRAY, STRUCT, MAP, UNION } = DuckDBTypeId;
  const nested: readonly number[] = [LIST, ARRAY, STRUCT, MAP, UNION];
  const empty = await connection.stream(`SELECT * FROM ${source} LIMIT 0`);
  const types = empty.columnTypes();
  return empty.columnNames().filter((_, i) => nested.includes(types[i]!.typeId));
}

function nameLiteral(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** An SQL literal. */
export function textLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
