import type { DuckDBConnection } from '@duckdb/node-api';
import type { TableRow } from './table-row.js';

/** A DuckDB of its own, in memory, that fetches no extension from the network. */
export interface OpenDuckDB {
  readonly connection: DuckDBConnection;
  close(): void;
}

export async function openDuckDB(settings: Readonly<Record<string, string>> = {}): Promise<OpenDuckDB> {
  const { DuckDBInstance } = await import('@duckdb/node-api'); // 60 MB of native code: only where it is needed
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    autoinstall_known_extensions: 'false',
    ...settings,
  });
  const connection = await instance.connect();
  return {
    connection,
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

/** Streams the rows of a query, every value cast to text as DuckDB writes it, numbered from 1. */
export async function* queryRows(connection: DuckDBConnection, query: string): AsyncGenerator<TableRow> {
  const result = await connection.stream(`SELECT COLUMNS(*)::VARCHAR FROM (${query})`);
  const names = result.columnNames();
  let number = 0;
  for await (const rows of result.yieldRowsJs()) {
    for (const row of rows) {
      number += 1;
      yield { number, values: new Map(names.map((name, i) => [name, row[i] as string | null])) };
    }
  }
}

/** An SQL literal. */
export function textLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
