import { SoftpromptError } from '../errors.js';
import { refuseForeignText } from './foreign-file.js';
import type { TableRow } from './table-row.js';
import { LONGEST_TEXT, readTextBlocks } from './text-blocks.js';

/**
 * Streams a JSON file: one object a line, or one array of objects (read whole). Blank lines are passed over. Numbers
 * and booleans become their text (integers of any length keep every digit), arrays and objects their JSON.
 * @param encoding see readTextBlocks
 * @param longest characters of an array, at most
 * @throws DATA_JSON_INVALID with the line, or where an array is longer than a text may be.
 */
export async function* readJsonRows(path: string, encoding?: string, longest = LONGEST_TEXT): AsyncGenerator<TableRow> {
  const blocks = readTextBlocks(path, encoding);
  let number = 0;
  for await (const block of blocks) {
    if (number === 0) refuseForeignText(path, block);
    if (number === 0 && block.trimStart().startsWith('[')) {
      let text = block;
      for await (const next of blocks) {
        if (text.length + next.length > longest) throw arrayTooLong(path, longest);
        text += next;
      }
      yield* arrayRows(path, text);
      return;
    }
    const lines = block.split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const line of lines) {
      number += 1;
      if (line.trim() !== '') yield { number, values: objectValues(path, number, parseJson(path, number, line)) };
    }
  }
}

function arrayTooLong(path: string, longest: number): SoftpromptError {
  return new SoftpromptError('DATA_JSON_INVALID', {
    found: `${path} is an array of more than ${longest} characters`,
    expected: 'an array that can be held as one text',
    fix: 'Write one object a line, which is read line by line (`jq -c ".[]"` makes this of an array).',
  });
}

function* arrayRows(path: string, text: string): Generator<TableRow> {
  for (const [i, item] of (parseJson(path, 1, text) as unknown[]).entries()) {
    yield { number: i + 1, values: objectValues(path, i + 1, item) };
  }
}

function objectValues(path: string, number: number, item: unknown): ReadonlyMap<string, string | null> {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    throw new SoftpromptError('DATA_JSON_INVALID', {
      found: `${path}:${number} is ${excerpt(JSON.stringify(item))}`,
      expected: 'an object such as {"text": "…", "label": "…"}',
      fix: 'Write one JSON object a line (or one array of objects).',
    });
  }
  if (number === 1) refuseColumns(path, item);
  return new Map(Object.entries(item).map(([name, value]) => [name, valueText(path, number, name, value)]));
}

/** pandas writes a table column by column unless it is told otherwise. */
function refuseColumns(path: string, item: object): void {
  const columns = Object.values(item).map((value) =>
    typeof value === 'object' && value !== null ? Object.keys(value).join() : undefined,
  );
  const [first] = columns;
  if (columns.length < 2 || !first?.includes(',') || columns.some((keys) => keys !== first)) return;
  throw new SoftpromptError('DATA_JSON_INVALID', {
    found: `${path} is one object that holds the table column by column`,
    expected: 'one object a line, or one array of objects',
    fix: 'Write it row by row; in pandas: to_json(path, orient="records", lines=True, force_ascii=False).',
  });
}

function valueText(path: string, number: number, name: string, value: unknown): string | null {
  if (value === null) return null;
  if (typeof value !== 'object') return String(value);
  try {
    return JSON.stringify(value);
  } catch (error) {
    // JSON.stringify calls itself a level; JSON.parse does not
    throw new SoftpromptError(
      'DATA_JSON_INVALID',
      {
        found: `${path}:${number} has a value '${name}' that is nested too deeply (${(error as Error).message})`,
        expected: 'lists and objects within each other a few thousand deep at most',
        fix: 'Leave the value out, or write it as a text.',
      },
      { cause: error },
    );
  }
}

function parseJson(path: string, number: number, text: string): unknown {
  try {
    return parseWithLongIntegers(text);
  } catch (error) {
    throw new SoftpromptError(
      'DATA_JSON_INVALID',
      {
        found: `${path}:${number} is not JSON (${error instanceof Error ? error.message : error})`,
        expected: 'one JSON object a line, or one array of objects',
        fix: `Correct it there: ${excerpt(text.trim())}`,
      },
      { cause: error },
    );
  }
}

/** JSON.parse, but for integers of 16 digits and more: it rounds those above 2^53; as strings they keep every digit. */
export function parseWithLongIntegers(json: string): unknown {
  return JSON.parse(/\d{16}/.test(json) ? quoteLongIntegers(json) : json);
}

function quoteLongIntegers(json: string): string {
  const token = /"|-?\d[\d.eE+-]*/g;
  const parts: string[] = [];
  let done = 0;
  for (let match = token.exec(json); match !== null; match = token.exec(json)) {
    if (match[0] === '"') token.lastIndex = stringEnd(json, token.lastIndex);
    else if (/^-?\d{16,}$/.test(match[0])) {
      parts.push(json.slice(done, match.index), `"${match[0]}"`);
      done = token.lastIndex;
    }
  }
  return parts.join('') + json.slice(done);
}

/** Behind the quotation mark that ends a string whose content begins at `start`; texts have millions of characters. */
function stringEnd(json: string, start: number): number {
  const mark = /["\\]/g;
  mark.lastIndex = start;
  for (let match = mark.exec(json); match !== null; match = mark.exec(json)) {
    if (match[0] === '"') return mark.lastIndex;
    mark.lastIndex++; // what a backslash escapes
  }
  return json.length;
}

function excerpt(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}
