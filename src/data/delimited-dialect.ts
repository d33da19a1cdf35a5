import { plainRecords, quotedRecords } from './delimited-records.js';

/** How a file of delimited values is written. */
export interface Dialect {
  readonly delimiter: string;
  readonly quoted: boolean;
  /** Lines before the first record: Excel's `sep=;`. */
  readonly skip: number;
}

/** What was said of it, and what files of its kind usually are. */
export interface DialectOptions {
  readonly usual: ',' | '\t';
  readonly delimiter?: string | undefined;
  readonly quoted?: boolean | undefined;
  /** Values of a row, where there is no header line. */
  readonly columns?: number | undefined;
  /** Whether the last column takes the rest of the line. */
  readonly restInLast?: boolean | undefined;
}

const DELIMITERS = [',', ';', '\t', '|'] as const;
const LINES_SEEN = 50;

/**
 * How a file is written, by its first lines. Where the first does not hold the delimiter that was given, or none was given, it
 * is the usual one, unless that leaves the header in one piece, or cuts rows unequally, and another cuts all rows seen
 * into as many values as there are columns.
 */
export function findDialect(lines: readonly string[], options: DialectOptions): Dialect {
  const { usual, restInLast, delimiter: given } = options;
  const separator = /^"?sep=(.+?)"?[\r;,]*$/i.exec(lines[0] ?? '')?.[1];
  const skip = separator === undefined ? 0 : 1;
  const content = lines.slice(skip, skip + LINES_SEEN);
  const found = restInLast ? undefined : findDelimiter(content, options);
  const absent = given !== undefined && found !== undefined && !content[0]?.includes(given);
  const delimiter = (absent ? found : given) ?? separator ?? found ?? usual;
  const asCsv = usual === ',' || (given === undefined && delimiter !== usual);
  const headless = options.columns !== undefined;
  return {
    delimiter,
    quoted: options.quoted ?? (!restInLast && (asCsv || allQuoted(content, delimiter, headless))),
    skip,
  };
}

/** Undefined where the usual delimiter does not fit and no other does. */
function findDelimiter(lines: readonly string[], options: DialectOptions): string | undefined {
  const others = isRecboleHeader(lines[0] ?? '', ' ') ? [...DELIMITERS, ' '] : DELIMITERS;
  const found = others.map((delimiter) => ({ delimiter, ...cutEqually(lines, delimiter, options) }));
  const usual = found.find(({ delimiter }) => delimiter === options.usual)!;
  if (usual.equal && usual.width > 1) return usual.delimiter;
  const [best] = found
    .filter(({ width, equal }) => width > 1 && (equal || usual.width === 1))
    .sort((a, b) => Number(b.equal) - Number(a.equal) || b.width - a.width);
  return best?.delimiter;
}

/** How many values the first row has, and whether all rows seen have as many. */
function cutEqually(lines: readonly string[], delimiter: string, { usual, quoted, columns }: DialectOptions) {
  const plain = quoted === false || (quoted === undefined && usual === '\t' && delimiter === usual);
  const cutter = plain ? plainRecords(delimiter) : quotedRecords('', delimiter);
  const widths: number[] = [];
  try {
    for (const { values } of cutter.cut(lines)) widths.push(values.length);
  } catch {
    return { width: columns ?? widths[0] ?? 1, equal: false };
  }
  const width = columns ?? widths[0] ?? 1;
  return { width, equal: widths.every((other) => other === width) };
}

/** Whether quotes enclose every name of the header, or every value of a column in all rows that are seen. */
function allQuoted(lines: readonly string[], delimiter: string, headless: boolean): boolean {
  const rows = Array.from(plainRecords(delimiter).cut(lines), ({ values }) => values);
  const [first, ...others] = rows;
  if (first === undefined) return false;
  if (headless) return rows.length > 1 && first.some((_, column) => rows.every((row) => isQuoted(row[column])));
  return first.every(isQuoted) || (others.length > 0 && others.every((row) => row.every(isQuoted)));
}

function isQuoted(value: string | undefined): boolean {
  return value !== undefined && value.length > 1 && value.startsWith('"') && value.endsWith('"');
}

/** RecBole's atomic files write `name:type` in their header line. */
const RECBOLE_TYPE = /:(token|token_seq|float|float_seq)$/;

function isRecboleHeader(line: string, delimiter: string): boolean {
  const names = line.trimEnd().split(delimiter);
  return names.length > 1 && names.every((name) => RECBOLE_TYPE.test(name));
}

/** The names of a header line without RecBole's types. */
export function withoutRecboleTypes(names: readonly string[], isRecbole: boolean): readonly string[] {
  return isRecbole || names.every((name) => RECBOLE_TYPE.test(name))
    ? names.map((name) => name.replace(RECBOLE_TYPE, ''))
    : names;
}
