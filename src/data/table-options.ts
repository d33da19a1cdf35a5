import { SoftpromptError } from '../errors.js';
import { choice, type Kind, list, text, toggle } from '../options/kind.js';
import { declareOptions, optionGroup } from '../options/option.js';
import { listedIds } from './interactions/read-ids.js';
import { TABLE_FORMATS, type TableOptions } from './read-table.js';

/** `a,b,c`, with double quotes around a name that holds a comma. */
export const columnNames: Kind<readonly string[]> = list('<a,b,c>', 'names separated by commas', text(''), listedIds);

const delimiter: Kind<string> = {
  ...text('<text>', 'one character or several'),
  read: (texts) => (texts.at(-1) ? texts.at(-1)!.replaceAll('\\t', '\t') : undefined),
  holds: (value) => typeof value === 'string' && value !== '',
  json: { type: 'string', minLength: 1 },
};

/** How tables are written, the same in every command that reads one. @param named which file `--names` is about */
export function declareTable(named = 'files') {
  return declareOptions({
    format: {
      kind: choice('<format>', TABLE_FORMATS),
      about: 'format of the files',
      auto: 'by their ending and first bytes',
    },
    delimiter: { kind: delimiter, about: 'what separates the columns, \\t for a tab', auto: 'by the first lines' },
    quoted: {
      kind: toggle,
      about: 'double quotes enclose values',
      auto: 'in CSV, and where they enclose all',
      negated: 'double quotes are ordinary characters',
    },
    encoding: {
      kind: text('<name>'),
      about: 'encoding of the files, such as gb18030 or windows-1252',
      auto: 'utf-8; UTF-16 is recognised',
    },
    names: { kind: columnNames, about: `column names of ${named} without a header line` },
    restInLast: { kind: toggle, about: 'the last of the names takes the rest of the line', flag: null },
  });
}

/** A file of a text task. */
export const TABLE = optionGroup(declareTable(), { check: checkTable });

/** @throws FLAG_CONFLICT where a format that says itself what its columns are is told of them */
export function checkTable({ format, delimiter, quoted, names }: TableOptions): void {
  if (format !== 'json' && format !== 'jsonl' && format !== 'parquet') return;
  const about = { '--delimiter': delimiter, '--quoted or --no-quoted': quoted, '--names': names };
  const [flag] = Object.entries(about).find(([, value]) => value !== undefined) ?? [];
  if (flag === undefined) return;
  throw new SoftpromptError('FLAG_CONFLICT', {
    found: `There are both --format ${format} and ${flag}`,
    expected: `no ${flag}: ${format} says itself what its columns are`,
    fix: 'Leave one of them out.',
  });
}
