import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { SoftpromptError } from '../errors.js';
import { isGzip, readFileBytes } from '../files/file-bytes.js';
import { duckDB } from './duckdb.js';
import { columnsOf, fileLiteral, nameLiteral, queryRows, withDuckDB } from './duckdb-rows.js';
import type { TableRow } from './table-row.js';

/**
 * Streams a Parquet file through DuckDB, its values as `queryRows` writes them; its columns are those in the file, none of
 * its path (user=7/…). A gzip-packed one is unpacked to a temporary file first, because Parquet is read from its end.
 * Binary columns are text where all their values are UTF-8, as old writers leave out the mark of a text, and else
 * hexadecimal digits.
 * @throws DATA_PARQUET_INVALID, DATA_COLUMN_REPEATED, DATA_ENCODING
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
    yield* withDuckDB(async function* (connection) {
      const names = await columnNames(connection, path);
      const repeated = names.find((name, i) => names.indexOf(name) !== i);
      if (repeated !== undefined) throw repeatedName(shownPath, repeated);
      yield* queryRows(connection, await selectTexts(connection, path, shownPath), names);
    });
  } catch (error) {
    if (error instanceof SoftpromptError) throw error;
    const message = error instanceof Error ? error.message.split('\n')[0]! : String(error);
    if (isEncodingError(error)) throw notUtf8(shownPath, `a text of ${shownPath}`, message);
    throw new SoftpromptError(
      'DATA_PARQUET_INVALID',
      {
        found: `${shownPath} cannot be read as Parquet: ${message}`,
        expected: 'a whole Parquet file',
        fix: 'Fetch or write it again, or name its real format (--format).',
      },
      { cause: error },
    );
  }
}

/** The file as a table. What is not said here may add columns, rename them, or turn their values into others. */
function fileTable(path: string, binaryAsText: boolean): string {
  const options = {
    hive_partitioning: false, // columns of the path, which hide those of the file
    filename: false,
    file_row_number: false,
    union_by_name: false,
    binary_as_string: binaryAsText,
  };
  return `read_parquet(${[fileLiteral(path), ...Object.entries(options).map((pair) => pair.join(' = '))].join(', ')})`;
}

/** The names as they stand in the file: DuckDB renames those that differ from others in case alone. */
async function columnNames(connection: DuckDBConnection, path: string): Promise<string[]> {
  const schema = await connection.runAndReadAll(`SELECT name, num_children FROM parquet_schema(${fileLiteral(path)})`);
  const rows = schema.getRowsJS().map(([name, children]) => ({ name: String(name), children: Number(children ?? 0) }));
  const names: string[] = [];
  const skipBelow = (row: number): number => {
    let next = row + 1;
    for (let child = 0; child < rows[row]!.children; child++) next = skipBelow(next);
    return next;
  };
  for (let row = 1; row < rows.length; row = skipBelow(row)) names.push(rows[row]!.name);
  return names;
}

/** The query that reads every binary column as text where it is text. */
async function selectTexts(connection: DuckDBConnection, path: string, shownPath: string): Promise<string> {
  const asStored = fileTable(path, false);
  const asText = fileTable(path, true);
  const selected: string[] = [];
  for (const { name, type } of await columnsOf(connection, asStored)) {
    const column = nameLiteral(name);
    const kind = String(type);
    if (!kind.includes('BLOB') || (await isText(connection, asText, column))) selected.push(`texts.${column}`);
    else if (kind !== 'BLOB') selected.push(`stored.${column}`);
    else {
      await refuseForeignText(connection, asStored, column, shownPath);
      selected.push(`lower(hex(stored.${column})) AS ${column}`);
    }
  }
  const stored = selected.some((column) => !column.startsWith('texts.'))
    ? ` POSITIONAL JOIN ${asStored} AS stored`
    : '';
  return `SELECT ${selected.join(', ')} FROM ${asText} AS texts${stored}`;
}

async function isText(connection: DuckDBConnection, asText: string, column: string): Promise<boolean> {
  try {
    await connection.run(`SELECT max(hash(${column})) FROM ${asText}`);
    return true;
  } catch (error) {
    if (isEncodingError(error)) return false;
    throw error;
  }
}

const VALUES_SEEN = 100;

/** Binary data hold control characters sooner or later; a text in another encoding than UTF-8 does not. */
async function refuseForeignText(connection: DuckDBConnection, table: string, column: string, shownPath: string) {
  const { DuckDBBlobValue } = await duckDB();
  const seen = await connection.runAndReadAll(
    `SELECT ${column} FROM ${table} WHERE ${column} IS NOT NULL LIMIT ${VALUES_SEEN}`,
  );
  const values = seen.getRows().map(([value]) => (value instanceof DuckDBBlobValue ? value.bytes : new Uint8Array()));
  const isControl = (byte: number) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d;
  if (values.some((bytes) => bytes.some(isControl))) return;
  throw notUtf8(shownPath, `the column ${column} of ${shownPath}`, 'without the mark of a text');
}

function isEncodingError(error: unknown): boolean {
  return error instanceof Error && error.message.includes('not valid UTF8');
}

function notUtf8(path: string, what: string, detail: string): SoftpromptError {
  return new SoftpromptError('DATA_ENCODING', {
    found: `${what} is not UTF-8 (${detail})`,
    expected: 'UTF-8, as in every Parquet file',
    fix: `Write ${path} again with the column converted to UTF-8.`,
  });
}

function repeatedName(path: string, name: string): SoftpromptError {
  return new SoftpromptError('DATA_COLUMN_REPEATED', {
    found: `${path} has two columns named '${name}'`,
    expected: 'different names',
    fix: 'Write the file again with one of them renamed.',
  });
}
