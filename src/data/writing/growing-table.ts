import { open, readFile, rename, rm } from 'node:fs/promises';
import { z } from 'zod';
import { SoftpromptError } from '../../errors.js';
import { replaceFileAtomically, writeFileAtomically } from '../../files/atomic-file.js';
import { parseRecord } from '../../files/json-record.js';
import { duckDB } from '../duckdb.js';
import { type OutputColumn, type OutputFormat, type OutputRow, orUnwritable } from './output-table.js';
import { parquetFromJsonLines, parquetTypes } from './parquet-file.js';
import { header, type TextFormat, textLine } from './text-lines.js';

/** A table file in the making: what was appended stays when the process dies, and another one goes on from there. */
export interface GrowingTable {
  /** What the last `append` called done: 0 for a new table. */
  readonly done: number;
  /** Adds rows; `done` says how far the whole work is. */
  append(rows: readonly OutputRow[], done: number): Promise<void>;
  /** Makes the file of the rows. */
  finish(): Promise<void>;
}

const PROGRESS_FORMAT = 'softprompt rows 1';

/** What stands beside the rows of an unfinished table. */
const progressRecord = z.object({
  format: z.literal(PROGRESS_FORMAT),
  /** What the rows answer. */
  request: z.string(),
  done: z.int().nonnegative(),
  /** Length of the file of rows: what lies beyond was cut off while it was written. */
  bytes: z.int().nonnegative(),
});

type Progress = z.infer<typeof progressRecord>;

/**
 * Begins a table, or goes on with one of the same request that was left unfinished: its rows lie beside it under the
 * same name with `.unfinished`.
 * @param request anything that tells one request from another
 * @throws BATCH_UNFINISHED where rows of another request lie there and may not be overwritten; DATA_UNWRITABLE; DUCKDB_UNAVAILABLE
 */
export async function growTable(
  path: string,
  format: OutputFormat,
  columns: readonly OutputColumn[],
  request: string,
  overwrite: boolean,
): Promise<GrowingTable> {
  if (format === 'parquet') await duckDB(); // rather missing now than when all rows are there
  const rowsFile = `${path}.unfinished`;
  const progressFile = `${rowsFile}.json`;
  const lines: TextFormat = format === 'parquet' ? 'jsonl' : format;
  const found = await readProgress(progressFile, rowsFile);
  if (found && found.request !== request && !overwrite) throw unfinished(path, found);
  const kept = found?.request === request ? found : undefined;
  let { done, bytes } = kept ?? { done: 0, bytes: 0 };

  const add = async (rows: readonly OutputRow[], nowDone: number) => {
    const heading = bytes === 0 ? header(lines, columns) : undefined;
    const texts = [...(heading === undefined ? [] : [heading]), ...rows.map((row) => textLine(lines, columns, row))];
    const content = Buffer.from(texts.map((text) => `${text}\n`).join(''));
    const file = await open(rowsFile, 'a');
    try {
      await file.truncate(bytes);
      await file.appendFile(content);
      await file.datasync();
    } finally {
      await file.close();
    }
    [done, bytes] = [nowDone, bytes + content.length];
    const progress: Progress = { format: PROGRESS_FORMAT, request, done, bytes };
    await writeFileAtomically(progressFile, JSON.stringify(progress));
  };

  if (!kept) {
    await orUnwritable(path, async () => {
      await rm(progressFile, { force: true });
      await rm(rowsFile, { force: true });
      await writeFileAtomically(rowsFile, '');
      await add([], 0);
    });
  }
  return {
    get done() {
      return done;
    },
    append: (rows, nowDone) => orUnwritable(path, () => add(rows, nowDone)),
    finish: () =>
      orUnwritable(path, async () => {
        if (format === 'parquet') {
          await replaceFileAtomically(path, (temporary) =>
            parquetFromJsonLines(rowsFile, temporary, parquetTypes(columns)),
          );
          await rm(rowsFile);
        } else await rename(rowsFile, path);
        await rm(progressFile, { force: true });
      }),
  };
}

/** Undefined where nothing lies there, or what lies there is not whole. */
async function readProgress(progressFile: string, rowsFile: string): Promise<Progress | undefined> {
  try {
    const read = parseRecord(await readFile(progressFile, 'utf8'), progressRecord);
    if (read.record === undefined) return undefined;
    const progress = read.record;
    const rows = await open(rowsFile, 'r');
    try {
      return (await rows.stat()).size >= progress.bytes ? progress : undefined;
    } finally {
      await rows.close();
    }
  } catch {
    return undefined;
  }
}

function unfinished(path: string, { done }: Progress): SoftpromptError {
  return new SoftpromptError('BATCH_UNFINISHED', {
    found: `${path}.unfinished holds the answers for ${done} users to another request`,
    expected: 'the request that it was begun with, to go on with it',
    fix: 'Repeat that request, choose another file (--out), or allow overwriting (--overwrite).',
  });
}
