import { type Command, Option as CommanderOption, InvalidArgumentError } from 'commander';
import { SoftpromptError } from '../errors.js';
import type { Kind } from '../options/kind.js';
import { describeOption, flagOf, type Given, isGroup, type Option, type Options, saysNo } from '../options/option.js';

/** What commander made of a command line: values by the camel case of their flags. */
export type Flags = Readonly<Record<string, unknown>>;

/** A flag of a command, with the option that it was made of. */
export class OptionFlag extends CommanderOption {
  constructor(
    flags: string,
    description: string,
    /** By its name in programs, within its groups: `table.format`. */
    readonly path: string,
    readonly option: Option,
  ) {
    super(flags, description);
  }
}

/**
 * Gives a command the flags of options, in their order.
 * @param environment the beginning of the variables that say the same, such as `SOFTPROMPT_`; default: none do
 */
export function addOptions(command: Command, options: Options, environment?: string): Command {
  for (const flag of flagsOf(options)) {
    if (environment !== undefined && flag.long !== undefined) flag.env(variableOf(environment, flag.long));
    command.addOption(flag);
  }
  return command;
}

/** `--batch-size` → `SOFTPROMPT_BATCH_SIZE` */
const variableOf = (environment: string, flag: string) =>
  environment +
  flag
    .replace(/^--(no-)?/, '$1')
    .replaceAll('-', '_')
    .toUpperCase();

function* flagsOf(options: Options, within = ''): Generator<OptionFlag> {
  for (const [name, option] of Object.entries(options)) {
    if (isGroup(option)) {
      yield* flagsOf(option.options, `${within}${name}.`);
      continue;
    }
    const flag = flagOf(name, option);
    if (flag === null) continue;
    const { kind, excludes = [], negated } = option;
    const path = within + name;
    if (saysNo(option)) {
      yield new OptionFlag(`--no-${flag}`, describeOption(option), path, option);
      continue;
    }
    const short = flag.length === 1 ? `-${flag}, ` : '';
    const made = new OptionFlag(`${short}--${flag} ${kind.sign}`.trim(), describeOption(option), path, option);
    if (kind.choices !== undefined) made.choices(kind.choices);
    else if (kind.repeatable) made.argParser(collect);
    else if (kind.sign !== '') made.argParser(parsing(kind));
    if (excludes.length > 0) made.conflicts(excludes.map((other) => attributeOf(other, options[other] as Option)));
    yield made;
    if (negated !== undefined) yield new OptionFlag(`--no-${flag}`, negated, path, option);
  }
}

/** What parses the text of a flag that stands once. */
export function parsing<T>({ read, expected }: Kind<T>): (text: string) => T {
  return (text) => {
    const value = read([text]);
    if (value !== undefined) return value;
    throw new InvalidArgumentError(`Expected ${expected}.`);
  };
}

export function collect(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), text];
}

/** Under which name commander keeps a flag's value. */
const attributeOf = (name: string, option: Option): string =>
  (flagOf(name, option) ?? '').replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** What a program would say in place of these flags. @throws FLAG_MISSING, and what a value's kind throws */
export function optionsFrom<S extends Options>(options: S, flags: Flags): Given<S> {
  return Object.fromEntries(
    Object.entries(options).map(([name, option]) => {
      if (isGroup(option)) {
        const given = optionsFrom(option.options, flags);
        option.check?.(given);
        return [name, given];
      }
      return [name, valueFrom(name, option, flags)];
    }),
  ) as Given<S>;
}

function valueFrom(name: string, option: Option, flags: Flags): unknown {
  const flag = flagOf(name, option);
  if (flag === null) return undefined;
  const value = flags[attributeOf(name, option)];
  if (value !== undefined) return option.kind.repeatable ? option.kind.read(value as string[]) : value;
  if (option.required === undefined) return undefined;
  throw new SoftpromptError('FLAG_MISSING', {
    found: `The flag --${flag} is missing`,
    expected: option.required,
    fix: `Add --${flag} to the command line or to the file given with --config.`,
  });
}
