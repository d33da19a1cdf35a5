import { existsSync } from 'node:fs';
import type { Command, Option } from 'commander';
import { stringify } from 'yaml';
import { guessEncoding } from '../data/guess-encoding.js';
import { KNOWN_NAMES, plainName } from '../data/interactions/column-names.js';
import { readTable } from '../data/read-table.js';
import { SoftpromptError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-file.js';
import { nearestName } from '../files/nearest-path.js';
import { translate } from '../language/translate.js';
import { softpromptCommand } from '../shell-command.js';
import { inferredFitFlags, inferredTuneFlags } from './inferred-flags.js';
import { type Flags, OptionFlag } from './option-flags.js';
import { createOutput } from './output.js';

export interface InitFlags {
  readonly out?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

const FILE = 'softprompt.yaml';

/**
 * Writes every option of a command, commented, as the YAML file that its `--config` reads; what a file of data suggests is
 * filled in. @param given the words of a command, and a file: both may be left out
 */
export async function initCommand(program: Command, given: readonly string[], flags: InitFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const { command, words, file } = await wanted(program, given);
  const out = flags.out ?? FILE;
  if (existsSync(out) && !flags.overwrite) {
    throw new SoftpromptError('DATA_OUTPUT_EXISTS', {
      found: `${out} is already there`,
      expected: 'a new file',
      fix: 'Choose another (--out), or replace it (--overwrite).',
    });
  }
  const suggested = file === undefined ? {} : await suggestedFlags(words.join(' '), file);
  await writeFileAtomically(out, configText(command, words, suggested));
  const use = softpromptCommand(...words, '--config', out);
  output.result({ out, command: use });
  output.say(`Wrote   ${out}. Look it over, then:\n  ${use}`);
}

/** The words of a command, by default that of such a file, and the file. */
async function wanted(program: Command, given: readonly string[]) {
  const at = (words: readonly string[]) =>
    words.reduce<Command | undefined>((command, word) => command && subcommand(command, word), program);
  let count = 0;
  while (count < given.length && at(given.slice(0, count + 1)) !== undefined) count += 1;
  const [file, ...more] = given.slice(count);
  if (more.length > 0 || (file !== undefined && !existsSync(file))) throw unknown(file!, at(given.slice(0, count))!);
  const usual = (await holdsInteractions(file)) ? ['recommend', 'fit'] : ['tune'];
  const words = count === 0 ? usual : given.slice(0, count);
  const command = at(words)!;
  if (!command.options.some(({ long }) => long === '--config')) throw unknown(words.join(' '), command);
  return { command, words, file };
}

const subcommand = (command: Command, name: string | undefined): Command | undefined =>
  command.commands.find((one) => one.name() === name);

function unknown(word: string, command: Command): SoftpromptError {
  const others = [
    ['recommend', 'fit'],
    ['recommend', 'preference', 'fit'],
  ].map((words) => words.join(' '));
  const known = ['tune', 'compare', 'transfer', 'design', 'search', 'shorten', 'pretrain', 'serve', ...others];
  const near = nearestName(word, [...command.commands.map((one) => one.name()), ...known]);
  return new SoftpromptError('DATA_FILE_UNREADABLE', {
    found: `'${word}' is neither a command with --config nor a file`,
    expected: `a command such as ${known.join(', ')}, or a file of data`,
    fix: near === undefined ? 'Correct the word.' : `Did you mean ${near}?`,
  });
}

/** Whether the columns of a file are called as those of interactions are. */
async function holdsInteractions(file: string | undefined): Promise<boolean> {
  if (file === undefined) return false;
  for await (const { values } of readTable(file, { encoding: await guessEncoding(file) })) {
    const names = [...values.keys()].map(plainName);
    const has = (role: 'user' | 'item' | 'items') =>
      names.some((name) => KNOWN_NAMES[role].some((one) => one === name));
    return has('user') && (has('item') || has('items'));
  }
  return false;
}

async function suggestedFlags(command: string, file: string): Promise<Flags> {
  if (command === 'tune') return inferredTuneFlags(file, {});
  if (command.startsWith('recommend') && !command.includes('preference')) return inferredFitFlags(file, {});
  return {};
}

/** Every option as a comment, with what it means; those that are said, or must be, as a line. */
export function configText(command: Command, words: readonly string[], said: Flags): string {
  const lines = command.options
    .filter(({ long }) => long !== undefined && !['--config', '--dry-run'].includes(long))
    .flatMap((option) => ['', ...wrapped(option.description, '# '), ...keyLines(option, said[option.attributeName()])]);
  return `# ${softpromptCommand(...words, '--config', 'THIS_FILE')}
# ${translate('A line a flag, without its dashes; flags on the command line win. What begins with # is left as it is.')}
${lines.join('\n')}
`;
}

function keyLines(option: Option, value: unknown): string[] {
  const key = option.long!.replace(/^--/, '');
  if (value !== undefined)
    return stringify({ [key]: value }, { lineWidth: 0 })
      .trimEnd()
      .split('\n');
  const declared = option instanceof OptionFlag ? option.option : undefined;
  if (declared?.required !== undefined) return [`# ${translate('must be given')}: ${key}: …`];
  if (option.negate || option.isBoolean()) return [`# ${key}: true`];
  const usual = declared?.default ?? option.argChoices?.[0];
  const shown = usual === undefined || usual === Number.POSITIVE_INFINITY ? '…' : JSON.stringify(usual);
  return [`# ${key}: ${shown}`];
}

const WIDTH = 96;

function wrapped(text: string, before: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(before + word);
  }
  return lines;
}
