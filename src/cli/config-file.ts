import { readFile } from 'node:fs/promises';
import { type Command, CommanderError, type Option } from 'commander';
import { parse } from 'yaml';
import { SoftpromptError } from '../errors.js';
import { nearestName } from '../files/nearest-path.js';
import { collect, OptionFlag } from './option-flags.js';

/**
 * Fills a command's options from the YAML file that `--config` names. Keys are the flags without dashes in front
 * (`batch-size: 16`); a flag on the command line wins, over the flags that it excludes too. Lists and maps may be
 * written as such: `labels: {good: " great", bad: " terrible"}`. Errors: CONFIG_INVALID.
 */
export async function applyConfigFile(command: Command): Promise<void> {
  const path: unknown = command.getOptionValue('config');
  if (typeof path !== 'string') return;
  const given = new Set(command.options.filter((option) => isGiven(command, option)));
  for (const [key, value] of Object.entries(await readConfig(path))) {
    const option = command.options.find(({ long }) => long === `--${key}`);
    if (option === undefined || key === 'config') {
      throw invalid(`${path} has the key '${key}'`, expectedKey(command, key));
    }
    if ([...given].some((flag) => flag === option || excludes(flag, option) || excludes(option, flag))) continue;
    command.setOptionValueWithSource(option.attributeName(), convert(path, key, value, option), 'config');
  }
}

/** The key that was probably meant: what programs call it, or one that is spelt nearly so. */
function expectedKey({ options }: Command, key: string): string {
  const known = options.flatMap(({ long }) => (long && long !== '--config' ? [long.slice(2)] : []));
  const wanted = key.replace(/^-+/, '').replace(/[A-Z_]/g, (letter) => `-${letter.toLowerCase().replace('_', '')}`);
  const inPrograms = options.find((option) => option instanceof OptionFlag && kebab(option.path) === wanted);
  const nearest = inPrograms?.long?.slice(2) ?? (known.includes(wanted) ? wanted : nearestName(wanted, known));
  return nearest === undefined ? `one of ${known.join(', ')}` : `'${nearest}', which is the nearest`;
}

const kebab = (path: string): string =>
  path.slice(path.lastIndexOf('.') + 1).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function isGiven(command: Command, option: Option): boolean {
  return command.getOptionValueSource(option.attributeName()) === 'cli';
}

/** Commander keeps what was given to `conflicts` in a field that its types leave out. */
function excludes(option: Option & { readonly conflictsWith?: readonly string[] }, other: Option): boolean {
  return option.conflictsWith?.includes(other.attributeName()) ?? false;
}

/** The value that the flag would have, had the YAML value been written on the command line. */
function convert(path: string, key: string, value: unknown, option: Option): unknown {
  if (option.isBoolean() || option.negate) {
    if (typeof value === 'boolean') return option.negate ? !value : value;
    throw invalid(`${path} says ${key}: ${JSON.stringify(value)}`, 'true or false');
  }
  if (value === null) throw invalid(`${path} gives no value for ${key}`, 'a value, or the line left out');
  if (typeof value === 'object' && option instanceof OptionFlag && !option.option.kind.repeatable) {
    const { kind } = option.option;
    if (kind.holds(value)) return value;
  }
  const parse = option.parseArg ?? ((text: string) => text);
  try {
    return asTexts(value, parse === collect).reduce<unknown>((before, text) => parse(text, before), undefined);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const expected = error.message.replace(/^(Expected|Allowed choices are) |\.$/g, '');
    throw invalid(`${path} says ${key}: ${JSON.stringify(value)}`, expected);
  }
}

/** A value as it would stand on the command line: once, or several times for a repeatable flag. */
function asTexts(value: unknown, repeatable: boolean): string[] {
  if (typeof value !== 'object' || value === null) return [String(value)];
  if (Array.isArray(value)) return repeatable ? value.map(String) : [value.join(',')];
  return repeatable ? Object.entries(value).map(([name, item]) => `${name}=${item}`) : [JSON.stringify(value)];
}

async function readConfig(path: string): Promise<Record<string, unknown>> {
  let content: unknown;
  try {
    content = parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw invalid(`${path} cannot be read: ${(error as Error).message}`, 'a YAML file');
  }
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) {
    return content as Record<string, unknown>;
  }
  const kind = content === null ? 'nothing' : Array.isArray(content) ? 'a list' : `a ${typeof content}`;
  throw invalid(`${path} holds ${kind}`, 'keys and values');
}

function invalid(found: string, expected: string): SoftpromptError {
  return new SoftpromptError('CONFIG_INVALID', {
    found,
    expected,
    fix: 'Write one flag a line without its dashes, such as `batch-size: 16`.',
  });
}
