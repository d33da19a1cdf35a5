import { existsSync } from 'node:fs';
import { guessEncoding } from '../data/guess-encoding.js';
import { type NamedColumns, rowColumns } from '../data/interactions/interaction-columns.js';
import { readTable } from '../data/read-table.js';
import { eachOption, saysNo } from '../options/option.js';
import { FIT } from '../recommend/fit-options.js';
import { softpromptCommand } from '../shell-command.js';
import { folderFor, inferTask } from '../tasks/infer-task.js';
import { TUNE } from '../tasks/tune-options.js';
import type { Flags } from './option-flags.js';
import type { Output } from './output.js';
import { type TableFlags, tableOptions } from './table-flags.js';
import { loudness } from './voice.js';

/** The flags of `tune FILE`: what was said stays, the rest is inferred from the file. Errors: those of inferTask. */
export async function inferredTuneFlags(file: string, flags: Flags): Promise<Flags> {
  const labelColumn = flags.labelColumn as string | undefined;
  const task = await inferTask(file, tableOptions(flags as TableFlags), { labelColumn });
  const isNamed = flags.encoding !== undefined;
  const encoding = task.encoding ?? (isNamed ? undefined : await firstEncoding([flags.valid, flags.test]));
  return {
    ...{ train: file, model: 'embedded', template: task.template, labels: task.labels },
    ...{ labelColumn: task.labelColumn, out: folderFor(file, 'prompt') },
    ...(encoding !== undefined && { encoding }),
    ...(flags.template === undefined && { field: Object.entries(task.columns).map((pair) => pair.join('=')) }),
    ...(flags.method === undefined && { method: 'auto' }),
    ...flags,
  };
}

/** The flags of `recommend fit FILE`. Errors: those of guessEncoding and readTable, DATA_COLUMN_MISSING. */
export async function inferredFitFlags(file: string, flags: Flags): Promise<Flags> {
  const encoding = flags.encoding === undefined ? await firstEncoding([file, flags.items, flags.users]) : undefined;
  const inferred = {
    ...{ interactions: file, out: folderFor(file, 'recommender') },
    ...(encoding !== undefined && { encoding }),
    ...(flags.items !== undefined && { model: 'embedded' }),
    ...flags,
  };
  return { ...inferred, ...(await inferredColumns(file, inferred)) };
}

/** The columns that their names tell; a time that only its values can tell is left to the reading of them. */
async function inferredColumns(file: string, flags: Flags): Promise<Flags> {
  if (flags.layout === 'sequences') return {};
  for await (const { values } of readTable(file, tableOptions(flags as TableFlags))) {
    const noTime = flags.timeColumn === 'none' && { time: null };
    const named = { user: flags.userColumn, item: flags.itemColumn, time: flags.timeColumn, ...noTime } as NamedColumns;
    const { user, item, time, timeUnsure } = rowColumns(file, [...values.keys()], named, new Set());
    return { userColumn: user, itemColumn: item, ...(time !== undefined && !timeUnsure && { timeColumn: time }) };
  }
  return {};
}

/** The encoding of the first file that does not tell its own; files of other encodings that do are read right all the same. */
async function firstEncoding(files: readonly unknown[]): Promise<string | undefined> {
  for (const file of files) {
    const encoding = typeof file === 'string' && existsSync(file) ? await guessEncoding(file) : undefined;
    if (encoding !== undefined) return encoding;
  }
  return undefined;
}

/** The flags, with the encoding that files need which do not tell their own; it is said. Errors: those of guessEncoding. */
export async function withEncoding<F extends object>(flags: F, files: readonly unknown[], output: Output): Promise<F> {
  if ('encoding' in flags && flags.encoding !== undefined) return flags;
  const encoding = await firstEncoding(files);
  if (encoding === undefined) return flags;
  output.note(`read as ${encoding} (--encoding ${encoding})`);
  return { ...flags, encoding };
}

/** Says the command that these flags are, for people and programs. @param how `result` where nothing follows */
export function tellCommand(
  words: readonly string[],
  flags: Flags,
  output: Output,
  how: 'note' | 'result' = 'result',
): void {
  const command = softpromptCommand(
    ...words,
    ...Object.entries(flags).flatMap(([name, value]) => flagWords(name, value)),
  );
  if (how === 'result') {
    output.result({ command });
    output.say(command);
  } else {
    output.event({ event: 'command', command });
    if (loudness() !== 'quiet') output.say(`The same as\n  ${command}`);
  }
}

const QUIET = ['dryRun', 'json', 'config'];

/** Switches that are on unless a flag says no. */
const ON = new Set(
  [...eachOption(TUNE), ...eachOption(FIT)]
    .filter(([, option]) => saysNo(option))
    .map(([path]) => path.slice(path.lastIndexOf('.') + 1)),
);

function flagWords(name: string, value: unknown): string[] {
  if (value === undefined || QUIET.includes(name)) return [];
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (value === true) return ON.has(name) ? [] : [flag];
  if (value === false) return [flag.replace('--', '--no-')];
  if (Array.isArray(value)) return value.flatMap((one) => [flag, String(one)]);
  return [flag, typeof value === 'object' ? JSON.stringify(value) : String(value)];
}
