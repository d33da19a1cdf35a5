import { SoftpromptError } from '../errors.js';
import type { TableRow } from './table-row.js';
import { LONGEST_TEXT, readTextBlocks } from './text-blocks.js';

/**
 * Streams a JSON file: one object a line, or one array of objects (read whole). Blank lines are passed over. Numbers
 * and booleans become their text (integers of any length keep every digit), arrays and objects their JSON.
 * @param longest characters of an array, at most
 * @throws DATA_JSON_INVALID with the line, or where an array is longer than a text may be.
 */
export async function* readJsonRows(path: string, longest = LONGEST_TEXT): AsyncGenerator<TableRow> {
  const blocks = readTextBlocks(path);
  let number = 0;
  for await (const block of blocks) {
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
  return new Map(Object.entries(item).map(([name, value]) => [name, valueText(value)]));
}

function valueText(value: unknown): string | null {
  if (value === null) return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
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
  return json.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    /^-?\d{16,}$/.test(token) ? `"${token}"` : token,
  );
}

function excerpt(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}
