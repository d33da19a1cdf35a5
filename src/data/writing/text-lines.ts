import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { OutputColumn, OutputFormat, OutputRow } from './output-table.js';
import { wellFormed } from './well-formed.js';

export type TextFormat = Exclude<OutputFormat, 'parquet'>;

/** Rows that become one piece of output. */
const ROWS_AT_ONCE = 4096;

/** Writes rows as lines of text; a header line first where the format has one. @returns the number of rows */
export async function writeTextLines(
  path: string,
  format: TextFormat,
  columns: readonly OutputColumn[],
  rows: Iterable<OutputRow>,
): Promise<number> {
  let count = 0;
  const blocks = function* () {
    const heading = header(format, columns);
    let lines = heading === undefined ? [] : [heading];
    for (const row of rows) {
      lines.push(textLine(format, columns, row));
      count += 1;
      if (lines.length < ROWS_AT_ONCE) continue;
      yield `${lines.join('\n')}\n`;
      lines = [];
    }
    if (lines.length > 0) yield `${lines.join('\n')}\n`;
  };
  await pipeline(Readable.from(blocks()), createWriteStream(path, { flags: 'wx' }));
  return count;
}

/** The first line, where a format has one. */
export function header(format: TextFormat, columns: readonly OutputColumn[]): string | undefined {
  switch (format) {
    case 'jsonl':
      return undefined;
    case 'csv':
      return columns.map(({ name }) => quoted(name)).join(',');
    case 'tsv':
      return columns.map(({ name }) => oneLine(name)).join('\t');
    case 'recbole':
      return columns.map(({ name, type }) => `${oneLine(name)}:${RECBOLE_TYPES[type]}`).join('\t');
  }
}

const RECBOLE_TYPES = { id: 'token', text: 'token_seq', number: 'float', integer: 'float' } as const;

/** A row as a line; half a character (a lone surrogate) becomes U+FFFD in every format. */
export function textLine(format: TextFormat, columns: readonly OutputColumn[], row: OutputRow): string {
  const values = row.map((value) => (typeof value === 'string' ? wellFormed(value) : value));
  return rowLine(format, columns, values);
}

function rowLine(format: TextFormat, columns: readonly OutputColumn[], row: OutputRow): string {
  switch (format) {
    case 'jsonl':
      return JSON.stringify(Object.fromEntries(columns.map(({ name }, c) => [name, row[c]])));
    case 'csv':
      return row.map((value) => quoted(String(value ?? ''))).join(',');
    case 'tsv':
    case 'recbole':
      return row.map((value) => oneLine(String(value ?? ''))).join('\t');
  }
}

/** RFC 4180. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** These formats have no quotes: tabs and line ends in a text become spaces. */
function oneLine(text: string): string {
  return text.replace(/[\t\r\n]+/g, ' ');
}
