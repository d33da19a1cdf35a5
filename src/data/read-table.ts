import { SoftpromptError } from '../errors.js';
import { readDelimitedRows } from './delimited-rows.js';
import { readJsonRows } from './json-rows.js';
import { readParquetRows } from './parquet-rows.js';
import type { TableRow } from './table-row.js';

export const TABLE_FORMATS = ['json', 'csv', 'tsv', 'parquet', 'recbole'] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

export interface TableOptions {
  /**
   * Default: by the file name's ending (.jsonl, .ndjson, .json, .csv, .tsv, .parquet; RecBole's atomic .inter, .item and
   * .user; .gz may follow), or tsv where a delimiter is given.
   */
  readonly format?: TableFormat | undefined;
  /** Column names of a CSV or TSV file without a header line. */
  readonly names?: readonly string[] | undefined;
  /** Whether double quotes enclose values. Default: in CSV they do, in TSV they are ordinary characters. */
  readonly quoted?: boolean | undefined;
  /** What stands between the values of a CSV or TSV file, such as '|' or '::'. Default: a comma or a tab. */
  readonly delimiter?: string | undefined;
  /** Whether the last of `names` takes the rest of the line, delimiters included: ['user', 'items'] with a space. */
  readonly restInLast?: boolean | undefined;
  /** Of a text file of delimited values, by its WHATWG name, such as windows-1252. Default: utf-8. */
  readonly encoding?: string | undefined;
}

/**
 * Streams the rows of a table file, packed with gzip or not, as text: '007' stays '007'.
 * @throws DATA_FORMAT_UNKNOWN, DATA_EMPTY where it has no rows, and the errors of the format's own reader.
 */
export async function* readTable(path: string, options: TableOptions = {}): AsyncGenerator<TableRow> {
  let empty = true;
  for await (const row of readRows(path, options)) {
    empty = false;
    yield row;
  }
  if (empty) {
    throw new SoftpromptError('DATA_EMPTY', {
      found: `${path} has no rows`,
      expected: 'at least one row of data (below the header line in CSV and TSV)',
      fix: 'Check that this is the right file; give the column names if it has no header line.',
    });
  }
}

function readRows(path: string, options: TableOptions): AsyncGenerator<TableRow> {
  const { names, restInLast, encoding } = options;
  const text = { names, restInLast, encoding };
  switch (options.format ?? (options.delimiter === undefined ? formatOf(path) : 'tsv')) {
    case 'json':
      return readJsonRows(path);
    case 'csv':
      return readDelimitedRows(path, {
        ...text,
        delimiter: options.delimiter ?? ',',
        quoted: options.quoted ?? !restInLast,
      });
    case 'tsv':
      return readDelimitedRows(path, {
        ...text,
        delimiter: options.delimiter ?? '\t',
        quoted: options.quoted ?? false,
      });
    case 'recbole':
      return readDelimitedRows(path, { ...text, delimiter: '\t', quoted: false, columnOf: withoutRecboleType });
    case 'parquet':
      return readParquetRows(path);
  }
}

/** RecBole's atomic files write `name:type` in their header line. */
function withoutRecboleType(headerName: string): string {
  return headerName.replace(/:(token|token_seq|float|float_seq)$/, '');
}

function formatOf(path: string): TableFormat {
  const ending = /\.(\w+)(?:\.gz)?$/i.exec(path)?.[1]?.toLowerCase();
  if (ending === 'jsonl' || ending === 'ndjson') return 'json';
  if (ending === 'inter' || ending === 'item' || ending === 'user') return 'recbole';
  const format = TABLE_FORMATS.find((name) => name === ending);
  if (format) return format;
  throw new SoftpromptError('DATA_FORMAT_UNKNOWN', {
    found: `the name of ${path} does not tell its format`,
    expected: 'a name ending in .jsonl, .json, .csv, .tsv, .parquet, .inter, .item or .user, with or without .gz',
    fix: `Rename the file, or name its format (${TABLE_FORMATS.join(', ')}).`,
  });
}
