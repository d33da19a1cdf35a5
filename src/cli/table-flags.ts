import { type Command, InvalidArgumentError, Option } from 'commander';
import { listedIds } from '../data/interactions/read-ids.js';
import { parseFieldColumns } from '../data/load-examples.js';
import { TABLE_FORMATS, type TableFormat, type TableOptions } from '../data/read-table.js';
import { SoftpromptError } from '../errors.js';
import { collect } from './option-flags.js';

/** How tables are written: the same flags in every command that reads one, for all its files. */
export interface TableFlags {
  readonly format?: TableFormat;
  readonly delimiter?: string;
  readonly quoted?: boolean;
  readonly encoding?: string;
  readonly names?: string;
}

/** @param named which file `--names` is about */
export function addTableFlags(command: Command, named = 'files'): Command {
  return command
    .addOption(
      new Option('--format <format>', 'format of the files (default: by their ending and first bytes)').choices(
        TABLE_FORMATS,
      ),
    )
    .option('--delimiter <text>', 'what separates the columns, \\t for a tab (default: by the first lines)', delimiter)
    .option('--quoted', 'double quotes enclose values (default: in CSV, and where they enclose all)')
    .option('--no-quoted', 'double quotes are ordinary characters')
    .option(
      '--encoding <name>',
      'encoding of the files, such as gb18030 or windows-1252 (default: utf-8; UTF-16 is recognised)',
    )
    .option('--names <a,b,c>', `column names of ${named} without a header line`);
}

/** What those flags ask for. @throws FLAG_CONFLICT */
export function tableOptions(flags: TableFlags): TableOptions {
  const { format, delimiter, quoted, encoding } = flags;
  const names = columnNames(flags.names);
  if (format === 'json' || format === 'jsonl' || format === 'parquet') {
    const about = { '--delimiter': delimiter, '--quoted or --no-quoted': quoted, '--names': names };
    const [flag] = Object.entries(about).find(([, value]) => value !== undefined) ?? [];
    if (flag !== undefined) {
      throw new SoftpromptError('FLAG_CONFLICT', {
        found: `There are both --format ${format} and ${flag}`,
        expected: `no ${flag}: ${format} says itself what its columns are`,
        fix: 'Leave one of them out.',
      });
    }
  }
  return { format, delimiter, quoted, encoding, names };
}

/** `a,b,c`, with double quotes around a name that holds a comma. */
export function columnNames(text: string | undefined): readonly string[] | undefined {
  return text === undefined ? undefined : listedIds(text);
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

function delimiter(text: string): string {
  if (text === '') throw new InvalidArgumentError('Expected one character or several.');
  return text.replaceAll('\\t', '\t');
}
