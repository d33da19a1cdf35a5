import { openDuckDB, textLiteral } from '../duckdb-rows.js';
import type { OutputColumn } from './output-table.js';

/** DuckDB's type of each column, by name. */
export type ParquetTypes = Readonly<Record<string, 'VARCHAR' | 'DOUBLE' | 'INTEGER' | 'VARCHAR[]' | 'FLOAT[]'>>;

const TYPES = { id: 'VARCHAR', text: 'VARCHAR', number: 'DOUBLE', integer: 'INTEGER' } as const;

export function parquetTypes(columns: readonly OutputColumn[]): ParquetTypes {
  return Object.fromEntries(columns.map(({ name, type }) => [name, TYPES[type]]));
}

/** Makes a Parquet file of a file of JSON objects, a line each, row by row: memory does not grow with it. */
export async function parquetFromJsonLines(jsonLines: string, parquet: string, types: ParquetTypes): Promise<void> {
  const columns = Object.entries(types).map(([name, type]) => `${textLiteral(name)}: '${type}'`);
  const source = `read_json(${textLiteral(jsonLines)}, format = 'newline_delimited', columns = {${columns.join(', ')}})`;
  const { connection, close } = await openDuckDB();
  try {
    await connection.run(`COPY (SELECT * FROM ${source}) TO ${textLiteral(parquet)} (FORMAT parquet)`);
  } finally {
    close();
  }
}
