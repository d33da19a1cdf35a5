import { type Command, Option } from 'commander';
import { SoftpromptError } from '../errors.js';
import { LANGUAGES } from '../language/language.js';
import type { LoadModelOptions } from '../network/load-model.js';
import { LOADING } from '../network/loading-options.js';
import { LOGGING, REPORTING } from '../report/report-options.js';
import { RUNTIME, THREADS } from '../runtime/runtime-options.js';
import { addOptions } from './option-flags.js';

/** Values of the flags that several commands share. */
export interface SharedFlags {
  readonly json?: boolean;
  readonly threads?: number | undefined;
  readonly cache?: string;
  readonly revision?: string;
  readonly token?: string;
  readonly endpoint?: string;
  readonly offline?: boolean;
  readonly report?: string;
  readonly log?: 'tensorboard';
  /** The folder of what is made. */
  readonly out?: string;
}

/** Flags of every command that loads a model. */
export const addModelFlags = (command: Command): Command => addOptions(command, LOADING);

/** Flags of every command that computes. */
export const addThreadsFlag = (command: Command): Command => addOptions(command, { ...THREADS, ...RUNTIME });

/** What computes: the entry of the command line heeds it for all commands. */
export const addRuntimeFlag = (command: Command): Command => addOptions(command, RUNTIME);

/** Beside the options of a command that loads a model and computes: where from, what with, how it is told. */
export function addRunFlags(command: Command): Command {
  return addOutputFlags(addRuntimeFlag(addModelFlags(command)));
}

/** Beside those of a run: what a training leaves for people to look at. */
export function addTrainingFlags(command: Command): Command {
  return addOptions(addRunFlags(command), { ...REPORTING, ...LOGGING });
}

export function addOutputFlags(command: Command): Command {
  return command
    .option('--json', 'one JSON object a line; the last has "event":"result"')
    .option('--config <file>', 'YAML file with any of these flags')
    .option('--quiet', 'tell results alone')
    .option('--verbose', 'tell every validation, raw scores, and where an error came from')
    .addOption(new Option('--lang <language>', 'language of what is told (default: LANG)').choices(LANGUAGES));
}

export function modelOptions(flags: SharedFlags): LoadModelOptions & { readonly threads?: number | undefined } {
  const { revision, token, endpoint, offline } = flags;
  return {
    threads: flags.threads,
    cacheFolder: flags.cache,
    hub: {
      ...(revision === undefined ? {} : { revision }),
      ...(token === undefined ? {} : { token }),
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(offline === undefined ? {} : { offline }),
    },
  };
}

/** The flag's value, or an error that names it. */
export function required<T>(value: T | undefined, flag: string, meaning: string): T {
  if (value !== undefined) return value;
  throw new SoftpromptError('FLAG_MISSING', {
    found: `The flag ${flag} is missing`,
    expected: meaning,
    fix: `Add ${flag} to the command line or to the file given with --config.`,
  });
}
