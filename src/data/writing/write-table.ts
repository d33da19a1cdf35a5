import { rm } from 'node:fs/promises';
import { replaceFileAtomically } from '../../files/atomic-file.js';
import { duckDB } from '../duckdb.js';
import { type OutputColumn, type OutputFormat, type OutputRow, orUnwritable } from './output-table.js';
import { parquetFromJsonLines, parquetTypes } from './parquet-file.js';
import { writeTextLines } from './text-lines.js';

/**
 * Writes a table, row by row; the file appears when it is whole. In TSV and RecBole's files, which have no quotes, tabs
 * and line ends within a value become spaces.
 * @param whenWritten runs before the file takes its place: where it fails, nothing is left
 * @returns the number of rows
 * @throws DATA_UNWRITABLE, DUCKDB_UNAVAILABLE
 */
export async function writeTable(
  path: string,
  format: OutputFormat,
  columns: readonly OutputColumn[],
  rows: Iterable<OutputRow>,
  whenWritten: () => Promise<void> = async () => {},
): Promise<number> {
  if (format === 'parquet') await duckDB();
  let count = 0;
  const write = async (temporary: string) => {
    if (format !== 'parquet') {
      count = await writeTextLines(temporary, format, columns, rows);
      return;
    }
    const lines = `${temporary}.jsonl`;
    try {
      count = await writeTextLines(lines, 'jsonl', columns, rows);
      await parquetFromJsonLines(lines, temporary, parquetTypes(columns));
    } finally {
      await rm(lines, { force: true });
    }
  };
  await orUnwritable(path, () =>
    replaceFileAtomically(path, async (temporary) => {
      await write(temporary);
      await whenWritten();
    }),
  );
  return count;
}
