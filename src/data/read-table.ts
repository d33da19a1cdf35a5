import { SoftpromptError } from '../errors.js';
import { firstBytes } from '../files/file-bytes.js';
import { readDelimitedRows } from './delimited-rows.js';
import { isParquet, refuseForeignBytes, refuseForeignText } from './foreign-file.js';
import { readJsonRows } from './json-rows.js';
import { readParquetRows } from './parquet-rows.js';
import type { TableRow } from './table-row.js';

export const TABLE_FORMATS = ['json', 'jsonl', 'csv', 'tsv', 'parquet', 'recbole'] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

export interface TableOptions {
  /**
   * Default: by the file name's ending (.jsonl, .ndjson, .json, .csv, .tsv, .parquet; RecBole's atomic .inter, .item and
   * .user; .gz may follow), or tsv where a delimiter is given; Parquet is told by its first bytes too.
   */
  readonly format?: TableFormat | undefined;
  /** Column names of a file of delimited values without a header line. */
  readonly names?: readonly string[] | undefined;
  /**
   * Whether double quotes enclose values. Default: in CSV they do; in TSV they do where they enclose the whole header line
   * or every value of a column, and else are ordinary characters.
   */
  readonly quoted?: boolean | undefined;
  /**
   * What stands between the values of a file of delimited values, such as '|' or '::'. Default: a comma, semicolon, tab or
   * '|', told by the first lines; these tell too where the one that was given does not occur.
   */
  readonly delimiter?: string | undefined;
  /** Whether the last of `names` takes the rest of the line, delimiters included: ['user', 'items'] with a space. */
  readonly restInLast?: boolean | undefined;
  /**
   * Of text files, by its WHATWG name, such as windows-1252 or gb18030. Default: utf-8. UTF-16, and UTF-8 that cannot be
   * anything else, are told by their bytes.
   */
  readonly encoding?: string | undefined;
}

/**
 * Streams the rows of a table file, packed with gzip or not, as text: '007' stays '007'.
 * @throws DATA_FORMAT_UNKNOWN, DATA_FORMAT_FOREIGN, DATA_EMPTY where it has no rows, and the errors of the format's own
 * reader.
 */
export async function* readTable(path: string, options: TableOptions = {}): AsyncGenerator<TableRow> {
  let empty = true;
  for await (const row of readRows(path, await formatOf(path, options), options)) {
    empty = false;
    yield row;
  }
  if (empty) {
    throw new SoftpromptError('DATA_EMPTY', {
      found: `${path} has no rows`,
      expected: 'at least one row of data (below the header line in CSV and TSV)',
      fix: 'Check that this is the right file; give the column names if it has no header line (--names).',
    });
  }
}

function readRows(path: string, format: TableFormat, options: TableOptions): AsyncGenerator<TableRow> {
  switch (format) {
    case 'json':
    case 'jsonl':
      return readJsonRows(path, options.encoding);
    case 'csv':
      return readDelimitedRows(path, { ...options, usual: ',' });
    case 'tsv':
      return readDelimitedRows(path, { ...options, usual: '\t' });
    case 'recbole':
      return readDelimitedRows(path, { ...options, usual: '\t', recbole: true });
    case 'parquet':
      return readParquetRows(path);
  }
}

async function formatOf(path: string, { format, delimiter }: TableOptions): Promise<TableFormat> {
  const start = await firstBytes(path);
  if (isParquet(start) && (format === undefined || format === 'parquet')) return 'parquet';
  refuseForeignBytes(path, start);
  const told = format ?? formatOfName(path) ?? (delimiter === undefined ? undefined : 'tsv');
  if (told === 'parquet') refuseForeignText(path, start.toString('latin1'));
  if (told !== undefined) return told;
  throw new SoftpromptError('DATA_FORMAT_UNKNOWN', {
    found: `the name of ${path} does not tell its format`,
    expected: 'a name ending in .jsonl, .json, .csv, .tsv, .parquet, .inter, .item or .user, with or without .gz',
    fix: `Rename the file, or name its format (--format ${TABLE_FORMATS.join(', ')}) or what separates its columns (--delimiter).`,
  });
}

function formatOfName(path: string): TableFormat | undefined {
  const ending = /\.(\w+)(?:\.gz)?$/i.exec(path)?.[1]?.toLowerCase();
  if (ending === 'ndjson') return 'json';
  if (ending === 'inter' || ending === 'item' || ending === 'user') return 'recbole';
  return TABLE_FORMATS.find((name) => name === ending);
}
