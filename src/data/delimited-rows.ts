import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { SoftpromptError } from '../errors.js';
import type { TableRow } from './table-row.js';
import { countNewlines, readTextBlocks } from './text-blocks.js';

export interface DelimitedOptions {
  /** What stands between two values: one character or several. */
  readonly delimiter: string;
  /** Whether double quotes enclose values (RFC 4180); if not, they are ordinary characters. */
  readonly quoted: boolean;
  /** Column names of a file that has no header line. */
  readonly names?: readonly string[] | undefined;
  /** The column that a name in the header line stands for. Default: the name itself. */
  readonly columnOf?: ((headerName: string) => string) | undefined;
  /** Whether the last column takes the rest of the line, delimiters included. Needs names, and no quoting. */
  readonly restInLast?: boolean | undefined;
  /** See readTextBlocks. */
  readonly encoding?: string | undefined;
}

/**
 * Streams a text file of delimited values. They are the text exactly as it stands: nothing is trimmed, typed or taken
 * for null. Lines end in LF or CR LF; empty lines are passed over.
 * @throws DATA_ROW_RAGGED, DATA_QUOTES, DATA_COLUMN_REPEATED with the line.
 */
export async function* readDelimitedRows(path: string, options: DelimitedOptions): AsyncGenerator<TableRow> {
  let names = options.names;
  if (names) checkNames(path, names);
  for await (const { line, values } of options.quoted ? quotedRecords(path, options) : plainRecords(path, options)) {
    if (!names) {
      names = options.columnOf ? values.map(options.columnOf) : values;
      checkNames(path, names);
    } else if (values.length !== names.length) {
      throw raggedRow(path, line, values, names, options);
    } else {
      yield { number: line, values: new Map(names.map((name, i) => [name, values[i]!])) };
    }
  }
}

interface DelimitedRecord {
  readonly line: number;
  readonly values: readonly string[];
}

async function* plainRecords(path: string, options: DelimitedOptions): AsyncGenerator<DelimitedRecord> {
  const { delimiter, encoding } = options;
  const most = options.restInLast ? options.names?.length : undefined;
  let line = 0;
  for await (const block of readTextBlocks(path, encoding)) {
    const lines = block.split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const text of lines) {
      line += 1;
      const content = text.endsWith('\r') ? text.slice(0, -1) : text;
      if (content === '') continue;
      const values = content.split(delimiter);
      if (most !== undefined && values.length > most) {
        values.push(values.splice(most - 1).join(delimiter));
      }
      yield { line, values };
    }
  }
}

async function* quotedRecords(path: string, options: DelimitedOptions): AsyncGenerator<DelimitedRecord> {
  const lines: number[] = []; // of the records parsed but not yet handed on
  let lastLine = 0;
  let returns = 0; // csv-parse counts a carriage return within a value as a line of its own
  const parser = parse({
    delimiter: options.delimiter,
    record_delimiter: ['\n', '\r\n'],
    skip_empty_lines: true,
    relax_column_count: true, // ragged rows are reported above, with the names that were expected
    on_record: (values, context) => {
      const breaks = countBreaks(values);
      returns += breaks.returns;
      lastLine = context.lines - returns;
      lines.push(lastLine - breaks.feeds);
      return values;
    },
  });
  // errors of the file surface in the iteration; leaving it closes the file
  const parsed: AsyncIterable<string[]> = pipeline(
    Readable.from(readTextBlocks(path, options.encoding)),
    parser,
    () => {},
  );
  try {
    for await (const values of parsed) yield { line: lines.shift()!, values };
  } catch (error) {
    if (error instanceof CsvError) throw quoteError(path, lastLine + 1, error);
    throw error;
  }
}

/** Line feeds and carriage returns within a record's values. */
function countBreaks(values: readonly string[]): { feeds: number; returns: number } {
  let feeds = 0;
  let returns = 0;
  for (const value of values) {
    feeds += countNewlines(value);
    if (value.includes('\r')) returns += value.split('\r').length - 1;
  }
  return { feeds, returns };
}

function checkNames(path: string, names: readonly string[]): void {
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated === undefined) return;
  throw new SoftpromptError('DATA_COLUMN_REPEATED', {
    found: `${path} has two columns named '${repeated}'`,
    expected: 'a header line of different names',
    fix: 'Rename one of them, or give the column names where the file has no header line.',
  });
}

function raggedRow(
  path: string,
  line: number,
  values: readonly string[],
  names: readonly string[],
  options: DelimitedOptions,
): SoftpromptError {
  const shown = { ',': 'comma', '\t': 'tab', ' ': 'space' }[options.delimiter] ?? `'${options.delimiter}'`;
  return new SoftpromptError('DATA_ROW_RAGGED', {
    found: `${path}:${line} has ${values.length} values: ${values.map((value) => JSON.stringify(value.slice(0, 40))).join(', ')}`,
    expected: `${names.length}, one per column (${names.join(', ')})`,
    fix: options.quoted
      ? `Enclose values that contain ${shown} in double quotes.`
      : `Put exactly one ${shown} between values, none inside.`,
  });
}

function quoteError(path: string, line: number, error: CsvError): SoftpromptError {
  return new SoftpromptError(
    'DATA_QUOTES',
    {
      found: `the row that begins at ${path}:${line} has a misplaced or unclosed double quote (${error.message})`,
      expected: 'RFC 4180: a value that contains a quote stands in quotes, the quote inside doubled',
      fix: 'Correct the row, or read the file without quoting.',
    },
    { cause: error },
  );
}
