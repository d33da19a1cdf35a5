import { eachOption, saysNo } from '../options/option.js';
import { FIT } from '../recommend/fit-options.js';
import { softpromptCommand } from '../shell-command.js';
import { folderFor, inferTask } from '../tasks/infer-task.js';
import { TUNE } from '../tasks/tune-options.js';
import type { Flags } from './option-flags.js';
import type { Output } from './output.js';
import { type TableFlags, tableOptions } from './table-flags.js';

/** The flags of `tune FILE`: what was said stays, the rest is inferred from the file. Errors: those of inferTask. */
export async function inferredTuneFlags(file: string, flags: Flags): Promise<Flags> {
  const labelColumn = flags.labelColumn as string | undefined;
  const task = await inferTask(file, tableOptions(flags as TableFlags), { labelColumn });
  return {
    ...{ train: file, model: 'embedded', template: task.template, labels: task.labels },
    ...{ labelColumn: task.labelColumn, out: folderFor(file, 'prompt') },
    ...(flags.template === undefined && { field: Object.entries(task.columns).map((pair) => pair.join('=')) }),
    ...(flags.method === undefined && { method: 'auto' }),
    ...flags,
  };
}

/** The flags of `recommend fit FILE`. */
export function inferredFitFlags(file: string, flags: Flags): Flags {
  return {
    ...{ interactions: file, out: folderFor(file, 'recommender') },
    ...(flags.items !== undefined && { model: 'embedded' }),
    ...flags,
  };
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
    output.say(`As      ${command}`);
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
