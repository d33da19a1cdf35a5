import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { guessEncoding } from '../../data/guess-encoding.js';
import { KNOWN_NAMES, plainName } from '../../data/interactions/column-names.js';
import { readTable } from '../../data/read-table.js';
import type { TableRow } from '../../data/table-row.js';
import { SoftpromptError } from '../../errors.js';
import { writeFileAtomically } from '../../files/atomic-file.js';
import { ITEMS, USERS as USERS_FILE } from '../folder/recommender-files.js';
import { CATALOGUE, INTERACTIONS, SINCE_FIT } from './kept-events.js';

const TABLE = /\.(?:csv|tsv|jsonl)$/i;
/** What the recommender itself keeps, and changes as a whole. */
const OWN = new Set([ITEMS, USERS_FILE, SINCE_FIT, INTERACTIONS, CATALOGUE, 'history.jsonl', 'events.jsonl']);

/** Rows about people in the CSV, TSV and JSONL files of a folder and those in it: of whom a column of users names. */
export async function* tableRowsOf(
  folder: string,
  gone: ReadonlySet<string>,
): AsyncGenerator<{ readonly path: string; readonly lines: readonly number[] }> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !TABLE.test(entry.name) || OWN.has(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const lines: number[] = [];
    for await (const { number, values } of rowsOf(path)) {
      const named = [...values].some(([name, value]) => isUserColumn(name) && gone.has(String(value)));
      if (named) lines.push(number);
    }
    yield { path, lines };
  }
}

/** None of a file without rows. */
async function* rowsOf(path: string): AsyncGenerator<TableRow> {
  try {
    yield* readTable(path, { encoding: await guessEncoding(path) });
  } catch (error) {
    if (!(error instanceof SoftpromptError && error.code === 'DATA_EMPTY')) throw error;
  }
}

const USERS = new Set<string>(KNOWN_NAMES.user);
const isUserColumn = (name: string): boolean => USERS.has(plainName(name));

/** Removes those rows: tables that lie beside a recommender's own files, as those of the tour do. */
export async function forgetInTables(folder: string, gone: ReadonlySet<string>): Promise<void> {
  for await (const { path, lines } of tableRowsOf(folder, gone)) {
    if (lines.length === 0) continue;
    const taken = new Set(lines);
    // as bytes: a line feed is no part of another character, in GB18030 neither
    const kept = (await readFile(path, 'latin1')).split('\n').filter((_, i) => !taken.has(i + 1));
    await writeFileAtomically(path, Buffer.from(kept.join('\n'), 'latin1'));
  }
}
