import { leavingNothing } from '../../files/folder-writing.js';
import { type AttributeOptions, readAttributes } from '../interactions/attribute-table.js';
import { type InteractionOptions, readInteractions } from '../interactions/read-interactions.js';
import type { DatabaseQuery } from '../read-database.js';
import type { OutputFormat } from '../writing/output-table.js';
import { writeTable } from '../writing/write-table.js';
import { attributeTable, checkOutputs, interactionTable, outputPath, type TableContent } from './output-files.js';

/** Which tables to convert; at least one. */
export interface ConvertOptions {
  readonly interactions?: string | DatabaseQuery | undefined;
  readonly interactionTable?: InteractionOptions | undefined;
  readonly items?: string | undefined;
  readonly itemTable?: AttributeOptions | undefined;
  readonly users?: string | undefined;
  readonly userTable?: AttributeOptions | undefined;
  /** The folder. */
  readonly out: string;
  readonly format: OutputFormat;
  readonly overwrite?: boolean | undefined;
  /** What a user should know of how the interactions were understood. */
  readonly onNote?: ((text: string) => void) | undefined;
}

export interface WrittenFile {
  readonly path: string;
  readonly rows: number;
  readonly columns: readonly string[];
}

/**
 * Writes tables anew in one format, with columns that every reader finds: `user_id`, `item_id`, `rating`, `timestamp`
 * (seconds since 1970), and the attributes under their own names.
 * @throws DATA_OUTPUT_EXISTS, DATA_UNWRITABLE, DATA_COLUMN_REPEATED, and the errors of readInteractions and readAttributes
 */
export async function convertData(options: ConvertOptions): Promise<WrittenFile[]> {
  const { interactions, items, users, out, format } = options;
  const tables: [kind: 'interactions' | 'items' | 'users', read: () => Promise<TableContent>][] = [];
  if (interactions !== undefined) {
    const read = async () => {
      const { data, notes } = await readInteractions(interactions, options.interactionTable);
      for (const note of notes) options.onNote?.(note);
      return interactionTable(data);
    };
    tables.push(['interactions', read]);
  }
  if (items !== undefined) {
    tables.push(['items', async () => attributeTable(await readAttributes(items, 'item', options.itemTable), 'item')]);
  }
  if (users !== undefined) {
    tables.push(['users', async () => attributeTable(await readAttributes(users, 'user', options.userTable), 'user')]);
  }
  checkOutputs(
    tables.map(([kind]) => outputPath(out, format, kind)),
    options.overwrite ?? false,
  );
  const planned = tables.map(([kind, read]) => ({ path: outputPath(out, format, kind), format, read }));
  return leavingNothing(
    out,
    async () => false,
    () => writeContents(planned),
  );
}

/** A table to be written, read when it is its turn. */
export interface PlannedFile {
  readonly path: string;
  readonly format: OutputFormat;
  readonly read: () => Promise<TableContent>;
}

/** Writes tables one after the other; none takes its place before all are written. */
export async function writeContents([first, ...others]: readonly PlannedFile[]): Promise<WrittenFile[]> {
  if (first === undefined) return [];
  const { path, format } = first;
  const { columns, rows } = await first.read();
  let written: WrittenFile[] = [];
  const count = await writeTable(path, format, columns, rows(), async () => {
    written = await writeContents(others);
  });
  return [{ path, rows: count, columns: columns.map(({ name }) => name) }, ...written];
}
