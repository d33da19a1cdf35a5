import { existsSync } from 'node:fs';
import { readTable, TABLE_FORMATS } from '../read-table.js';
import { readTextBlocks } from '../text-blocks.js';
import { requireColumn } from './guess-columns.js';

const TABLE_ENDING = new RegExp(`\\.(jsonl|ndjson|inter|item|user|${TABLE_FORMATS.join('|')})(\\.gz)?$`, 'i');

/**
 * The ids of a file: those of the user or item column of a table, or else the lines of a text file, a name each. Empty
 * lines are passed over.
 * @throws DATA_COLUMN_MISSING, and the errors of readTable and readTextBlocks
 */
export async function readIds(path: string, of: 'user' | 'item'): Promise<string[]> {
  const ids: string[] = [];
  if (TABLE_ENDING.test(path)) {
    let column: string | undefined;
    for await (const { values } of readTable(path)) {
      const names = [...values.keys()];
      column ??= requireColumn(of, names, path, names.length === 1 ? names[0] : undefined);
      ids.push(values.get(column) ?? '');
    }
  } else {
    for await (const block of readTextBlocks(path)) ids.push(...block.split(/\r?\n/));
  }
  return ids.filter((id) => id !== '');
}

/** The ids of `a,b,c`. */
export function listedIds(text: string): string[] {
  return text
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
}

/** A file of ids, or the ids themselves. Errors: those of readIds. */
export async function readOrListedIds(given: string, of: 'user' | 'item'): Promise<string[]> {
  return existsSync(given) ? readIds(given, of) : listedIds(given);
}
