import { SoftpromptError } from '../errors.js';
import { LONGEST_TEXT } from './text-blocks.js';

/** Values between delimiters, and the line on which they begin. */
export interface DelimitedRecord {
  readonly line: number;
  readonly values: readonly string[];
}

/** Cuts lines into records, one call after the other; empty lines are passed over. Lines keep their carriage returns. */
export interface RecordCutter {
  cut(lines: readonly string[]): Generator<DelimitedRecord>;
  /** @throws DATA_QUOTES where a quoted value is still open */
  end(): void;
}

/**
 * Every line is a record, and quotes are ordinary characters.
 * @param most values of a record: the last takes the rest of the line, delimiters included
 */
export function plainRecords(delimiter: string, most?: number): RecordCutter {
  let line = 0;
  return {
    *cut(lines) {
      for (const text of lines) {
        line += 1;
        const content = text.slice(0, contentEnd(text));
        if (content === '') continue;
        const values = content.split(delimiter);
        if (most !== undefined && values.length > most) values.push(values.splice(most - 1).join(delimiter));
        yield { line, values };
      }
    },
    end() {},
  };
}

/**
 * RFC 4180: a value that begins with a double quote ends with one, and holds delimiters, line breaks and doubled quotes.
 * A quote inside a value that does not begin with one is an ordinary character (24" monitor).
 */
export function quotedRecords(path: string, delimiter: string): RecordCutter {
  let line = 0;
  let start = 0;
  let values: string[] = [];
  let open: string | undefined; // what a quoted value held on the lines before

  /** Whether the record ends with the line. */
  const cutLine = (text: string): boolean => {
    const end = contentEnd(text);
    let at = 0;
    for (;;) {
      if (open !== undefined || text[at] === '"') {
        const from = open === undefined ? at + 1 : at;
        const quote = closingQuote(text, from);
        if (quote === -1) {
          if ((open?.length ?? 0) + text.length >= LONGEST_TEXT) throw neverClosed(path, start);
          open = `${open ?? ''}${text.slice(from)}\n`;
          return false;
        }
        values.push(`${open ?? ''}${text.slice(from, quote)}`.replaceAll('""', '"'));
        open = undefined;
        at = quote + 1;
        if (at >= end) return true;
        if (!text.startsWith(delimiter, at)) throw misplaced(path, start, text.slice(Math.max(0, from - 1), at + 20));
        at += delimiter.length;
      } else {
        const next = text.indexOf(delimiter, at);
        const value = text.slice(at, next === -1 || next > end ? end : next);
        if (/^\s+"/.test(value)) throw misplaced(path, start, value.slice(0, 40));
        values.push(value);
        if (next === -1) return true;
        at = next + delimiter.length;
      }
    }
  };

  return {
    *cut(lines) {
      for (const text of lines) {
        line += 1;
        if (open === undefined) {
          if (contentEnd(text) === 0) continue;
          start = line;
        }
        if (!cutLine(text)) continue;
        yield { line: start, values };
        values = [];
      }
    },
    end() {
      if (open !== undefined) throw neverClosed(path, start);
    },
  };
}

/** Where a line's content ends: in front of the carriage returns that belong to its end. */
function contentEnd(line: string): number {
  let end = line.length;
  while (end > 0 && line[end - 1] === '\r') end -= 1;
  return end;
}

/** The next quote that is not doubled, or -1. */
function closingQuote(text: string, from: number): number {
  for (let at = from; ; at += 2) {
    at = text.indexOf('"', at);
    if (at === -1 || text[at + 1] !== '"') return at;
  }
}

const EXPECTED = 'RFC 4180: a value that begins with a quote ends with one, quotes inside it doubled';

function misplaced(path: string, line: number, text: string): SoftpromptError {
  return new SoftpromptError('DATA_QUOTES', {
    found: `the row that begins at ${path}:${line} has a misplaced double quote at ${JSON.stringify(text)}`,
    expected: EXPECTED,
    fix: 'Correct the row, or read the file without quoting (--no-quoted), as far as no value holds a delimiter or a line break.',
  });
}

function neverClosed(path: string, line: number): SoftpromptError {
  return new SoftpromptError('DATA_QUOTES', {
    found: `the row that begins at ${path}:${line} has a double quote that is never closed`,
    expected: EXPECTED,
    fix: 'Correct the row, or read the file without quoting (--no-quoted), as far as no value holds a delimiter or a line break.',
  });
}
