import type { Command } from 'commander';
import { parseFieldColumns } from '../data/load-examples.js';
import type { TableOptions } from '../data/read-table.js';
import { checkTable, declareTable } from '../data/table-options.js';
import { addOptions, collect } from './option-flags.js';

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

/** How the examples of a text task lie in a table. */
export interface ExampleFlags extends TableFlags {
  readonly field?: readonly string[];
  readonly labelColumn?: string;
}

/** @param taken whether a prompt remembers the columns that it was tuned on */
export function addExampleFlags(command: Command, taken?: 'as tuned'): Command {
  const [field, label] = taken === undefined ? ['', 'label'] : [' (default: as tuned)', 'as tuned, or label'];
  command
    .option('--field <field=column>', `column that a slot of the template reads${field}; repeatable`, collect)
    .option('--label-column <name>', `column of the label (default: ${label})`);
  return addTableFlags(command);
}

/** What those flags ask for. @throws DATA_FIELD_UNKNOWN, FLAG_CONFLICT */
export function exampleOptions(flags: ExampleFlags) {
  return {
    columns: flags.field === undefined ? undefined : parseFieldColumns(flags.field),
    labelColumn: flags.labelColumn,
    table: tableOptions(flags),
  };
}
