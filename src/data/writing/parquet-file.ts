import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { SoftpromptError } from '../../errors.js';
import { fileLiteral, openDuckDB, textLiteral } from '../duckdb-rows.js';
import type { OutputColumn } from './output-table.js';

/** DuckDB's type of each column, by name. */
export type ParquetTypes = Readonly<Record<string, 'VARCHAR' | 'DOUBLE' | 'INTEGER' | 'VARCHAR[]' | 'FLOAT[]'>>;

const TYPES = { id: 'VARCHAR', text: 'VARCHAR', number: 'DOUBLE', integer: 'INTEGER' } as const;

/** @throws DATA_COLUMN_REPEATED where names differ in case alone, which DuckDB takes for one */
export function parquetTypes(columns: readonly OutputColumn[]): ParquetTypes {
  const plain = columns.map(({ name }) => name.toLowerCase());
  const repeated = plain.findIndex((name, i) => plain.indexOf(name) !== i);
  if (repeated !== -1) {
    const names = columns.filter((_, i) => plain[i] === plain[repeated]).map(({ name }) => `'${name}'`);
    throw new SoftpromptError('DATA_COLUMN_REPEATED', {
      found: `columns whose names differ in case alone (${names.join(', ')})`,
      expected: 'names that differ otherwise, to be written as Parquet',
      fix: 'Rename one of them, or choose another format.',
    });
  }
  return Object.fromEntries(columns.map(({ name, type }) => [name, TYPES[type]]));
}

/** Makes a Parquet file of a file of JSON objects, a line each, row by row: memory does not grow with it. */
export async function parquetFromJsonLines(jsonLines: string, parquet: string, types: ParquetTypes): Promise<void> {
  const columns = Object.entries(types).map(([name, type]) => `${textLiteral(name)}: '${type}'`);
  // what is not said here may guess types, pass over lines, or add columns of the path (user=7/…)
  const options = {
    format: "'newline_delimited'",
    columns: `{${columns.join(', ')}}`,
    auto_detect: false,
    compression: "'uncompressed'",
    ignore_errors: false,
    maximum_object_size: (await longestLine(jsonLines)) + 1024,
    hive_partitioning: false,
    union_by_name: false,
    filename: false,
  };
  const source = `read_json(${[fileLiteral(jsonLines), ...Object.entries(options).map((pair) => pair.join(' = '))].join(', ')})`;
  const { connection, close } = await openDuckDB();
  try {
    await connection.run(`COPY (SELECT * FROM ${source}) TO ${textLiteral(resolve(parquet))} (FORMAT parquet)`);
  } finally {
    close();
  }
}

/** In bytes. */
async function longestLine(path: string): Promise<number> {
  let longest = 0;
  let current = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      longest = Math.max(longest, current + end - start);
      current = 0;
      start = end + 1;
    }
    current += chunk.length - start;
  }
  return Math.max(longest, current);
}
