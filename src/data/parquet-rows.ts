import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SoftpromptError } from '../errors.js';
import { queryRows, textLiteral, withDuckDB } from './duckdb-rows.js';
import { isGzip, readFileBytes } from './file-bytes.js';
import type { TableRow } from './table-row.js';

/**
 * Streams a Parquet file through DuckDB, its values as `queryRows` writes them. A gzip-packed one is unpacked to a
 * temporary file first, because Parquet is read from its end.
 * @throws DATA_PARQUET_INVALID
 */
export async function* readParquetRows(path: string): AsyncGenerator<TableRow> {
  if (!(await isGzip(path))) return yield* unpackedRows(path, path);
  const folder = await mkdtemp(join(tmpdir(), 'softprompt-parquet-'));
  try {
    const unpacked = join(folder, 'table.parquet');
    await pipeline(readFileBytes(path), createWriteStream(unpacked));
    yield* unpackedRows(unpacked, path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function* unpackedRows(path: string, shownPath: string): AsyncGenerator<TableRow> {
  try {
    yield* withDuckDB((connection) => queryRows(connection, `SELECT * FROM read_parquet(${fileLiteral(path)})`));
  } catch (error) {
    if (error instanceof SoftpromptError) throw error;
    throw new SoftpromptError(
      'DATA_PARQUET_INVALID',
      {
        found: `${shownPath} cannot be read as Parquet: ${error instanceof Error ? error.message.split('\n')[0] : error}`,
        expected: 'a whole Parquet file',
        fix: 'Fetch or write it again, or name its real format.',
      },
      { cause: error },
    );
  }
}

/** An SQL literal that names this one file: DuckDB would read `*`, `?` and `[` as a pattern. */
function fileLiteral(path: string): string {
  return textLiteral(path.replace(/[*?[]/g, '[$&]'));
}
