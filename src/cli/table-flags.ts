import type { Command } from 'commander';
import type { TableOptions } from '../data/read-table.js';
import { checkTable, declareTable } from '../data/table-options.js';
import { addOptions } from './option-flags.js';

/** How tables are written: the same flags in every command that reads one, for all its files. */
export type TableFlags = Omit<TableOptions, 'restInLast'>;

/** @param named which file `--names` is about */
export const addTableFlags = (command: Command, named?: string): Command => addOptions(command, declareTable(named));

/** What those flags ask for. @throws FLAG_CONFLICT */
export function tableOptions({ format, delimiter, quoted, encoding, names }: TableFlags): TableOptions {
  const table = { format, delimiter, quoted, encoding, names };
  checkTable(table);
  return table;
}
