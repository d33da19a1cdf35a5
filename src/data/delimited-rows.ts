import { SoftpromptError } from '../errors.js';
import { type Dialect, findDialect, withoutRecboleTypes } from './delimited-dialect.js';
import { plainRecords, quotedRecords } from './delimited-records.js';
import { refuseForeignText, refuseJson } from './foreign-file.js';
import type { TableRow } from './table-row.js';
import { readTextBlocks } from './text-blocks.js';

export interface DelimitedOptions {
  /** What files of this kind usually have between two values. */
  readonly usual: ',' | '\t';
  /** What stands between two values: one character or several. Default: told by the first lines. */
  readonly delimiter?: string | undefined;
  /**
   * Whether double quotes enclose values (RFC 4180); if not, they are ordinary characters. Default: they do between
   * commas; between tabs where they enclose every name of the header line or every value of a column.
   */
  readonly quoted?: boolean | undefined;
  /** Column names of a file that has no header line. */
  readonly names?: readonly string[] | undefined;
  /** Whether names of the header line end in RecBole's types. Default: where all do. */
  readonly recbole?: boolean | undefined;
  /** Whether the last column takes the rest of the line, delimiters included. Needs names, and no quoting. */
  readonly restInLast?: boolean | undefined;
  /** See readTextBlocks. */
  readonly encoding?: string | undefined;
}

/**
 * Streams a text file of delimited values. They are the text exactly as it stands: nothing is trimmed, typed or taken
 * for null, no line is a comment. Lines end in LF, CR LF or CR; empty lines are passed over.
 * @throws DATA_ROW_RAGGED, DATA_QUOTES, DATA_COLUMN_REPEATED with the line; DATA_FORMAT_FOREIGN
 */
export async function* readDelimitedRows(path: string, options: DelimitedOptions): AsyncGenerator<TableRow> {
  const { names } = options;
  let columns: Columns | undefined = names && namedColumns(path, names);
  let first = true;
  for await (const { line, values, dialect } of records(path, options)) {
    const headerOfNames = first && names?.every((name, i) => name === values[i]);
    first = false;
    if (columns === undefined) {
      columns = namedColumns(path, withoutRecboleTypes(values, options.recbole ?? false));
    } else if (values.length !== columns.names.length) {
      throw raggedRow(path, line, values, columns.names, dialect);
    } else if (!headerOfNames) {
      yield { number: line, values: rowValues(path, line, values, columns) };
    }
  }
}

async function* records(path: string, options: DelimitedOptions) {
  const { names, restInLast } = options;
  let dialect: Dialect | undefined;
  let cutter = plainRecords(options.usual);
  let skipped = 0;
  for await (const block of readTextBlocks(path, options.encoding)) {
    const lines = block.split('\n');
    if (lines.at(-1) === '') lines.pop();
    if (dialect === undefined) {
      refuseForeignText(path, block);
      refuseJson(path, block);
      dialect = findDialect(lines, { ...options, columns: names?.length });
      const { delimiter, quoted } = dialect;
      cutter = quoted
        ? quotedRecords(path, delimiter)
        : plainRecords(delimiter, restInLast ? names?.length : undefined);
      skipped = dialect.skip;
      lines.splice(0, skipped);
    }
    for (const { line, values } of cutter.cut(lines)) yield { line: line + skipped, values, dialect };
  }
  cutter.end();
}

/** A column without a name at several places holds nothing: Excel writes delimiters to the end of the used cells. */
interface Columns {
  readonly names: readonly string[];
  /** The places of the columns that are left out. */
  readonly empty: ReadonlySet<number>;
}

function namedColumns(path: string, names: readonly string[]): Columns {
  const nameless = [...names.keys()].filter((i) => names[i] === '');
  const repeated = names.find((name, i) => name !== '' && names.indexOf(name) !== i);
  if (repeated !== undefined) throw repeatedName(`${path} has two columns named '${repeated}'`);
  return { names, empty: new Set(nameless.length > 1 ? nameless : []) };
}

function rowValues(path: string, line: number, values: readonly string[], { names, empty }: Columns) {
  if (empty.size === 0) return new Map(names.map((name, i) => [name, values[i]!]));
  const filled = [...empty].find((i) => values[i] !== '');
  if (filled !== undefined) {
    throw repeatedName(
      `${path} has several columns without a name, of which line ${line} fills the ${filled + 1}. column`,
    );
  }
  return new Map(names.flatMap((name, i) => (empty.has(i) ? [] : [[name, values[i]!]])));
}

function repeatedName(found: string): SoftpromptError {
  return new SoftpromptError('DATA_COLUMN_REPEATED', {
    found,
    expected: 'a header line of different names',
    fix: 'Rename one of them, or give the column names where the file has no header line (--names).',
  });
}

function raggedRow(
  path: string,
  line: number,
  values: readonly string[],
  names: readonly string[],
  { delimiter, quoted }: Dialect,
): SoftpromptError {
  const shown = { ',': 'comma', ';': 'semicolon', '\t': 'tab', ' ': 'space' }[delimiter] ?? `'${delimiter}'`;
  return new SoftpromptError('DATA_ROW_RAGGED', {
    found: `${path}:${line} has ${values.length} values: ${values.map((value) => JSON.stringify(value.slice(0, 40))).join(', ')}`,
    expected: `${names.length}, one per column (${names.join(', ')}), with a ${shown} between them`,
    fix: quoted
      ? `Enclose values that contain a ${shown} in double quotes, or name another delimiter (--delimiter).`
      : `Put exactly one ${shown} between values, none inside, or name another delimiter (--delimiter); --quoted where double quotes enclose values.`,
  });
}
