import { existsSync } from 'node:fs';
import { SoftpromptError } from '../../errors.js';
import { parseWithLongIntegers } from '../json-rows.js';
import { readTable, TABLE_FORMATS, type TableOptions } from '../read-table.js';
import { readTextBlocks } from '../text-blocks.js';
import { requireColumn } from './guess-columns.js';

const TABLE_ENDING = new RegExp(`\\.(jsonl|ndjson|inter|item|user|${TABLE_FORMATS.join('|')})(\\.gz)?$`, 'i');

/**
 * The ids of a file: those of the user or item column of a table, or else the lines of a text file, a name each. Empty
 * lines are passed over.
 * @throws DATA_COLUMN_MISSING, and the errors of readTable and readTextBlocks
 */
export async function readIds(path: string, of: 'user' | 'item', options: TableOptions = {}): Promise<string[]> {
  const ids: string[] = [];
  if (TABLE_ENDING.test(path) || options.format !== undefined) {
    let column: string | undefined;
    for await (const { values } of readTable(path, options)) {
      const names = [...values.keys()];
      column ??= requireColumn(of, names, path, names.length === 1 ? names[0] : undefined);
      ids.push(values.get(column) ?? '');
    }
  } else {
    for await (const block of readTextBlocks(path, options.encoding))
      for (const id of block.split(/\r?\n/)) ids.push(id);
  }
  return ids.filter((id) => id !== '');
}

/**
 * The ids of `a,b,c`, of `"a, b",c` with double quotes around an id that holds a comma, or of a JSON list, whose ids are
 * taken as they stand: `["a, b", " c"]`.
 */
export function listedIds(text: string): string[] {
  const json = jsonIds(text);
  if (json !== undefined) return json;
  return [...text.matchAll(LISTED_ID)]
    .map(([, quoted, plain]) => (quoted === undefined ? plain!.trim() : quoted.replaceAll('""', '"')))
    .filter((id) => id !== '');
}

/** A quoted id, or all up to the next comma. */
const LISTED_ID = /\s*"((?:[^"]|"")*)"\s*(?:,|$)|([^,]*)(?:,|$)/g;

/** Undefined where the text is no list of JSON. */
function jsonIds(text: string): string[] | undefined {
  if (!/^\s*\[/.test(text)) return undefined;
  let list: unknown;
  try {
    list = parseWithLongIntegers(text);
  } catch {
    return undefined; // ids may begin with a bracket
  }
  const members = list as readonly unknown[];
  if (members.every((member) => typeof member === 'string' || typeof member === 'number')) return members.map(String);
  throw new SoftpromptError('DATA_LIST_INVALID', {
    found: `the list of ids ${text}`,
    expected: 'texts and numbers alone',
    fix: 'Write, for example, ["a","b"].',
  });
}

/** A file of ids, or the ids themselves. Errors: those of readIds. */
export async function readOrListedIds(
  given: string,
  of: 'user' | 'item',
  options: TableOptions = {},
): Promise<string[]> {
  return jsonIds(given) ?? (existsSync(given) ? readIds(given, of, options) : listedIds(given));
}
