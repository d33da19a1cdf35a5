import type { Command } from 'commander';
import { SoftpromptError } from '../errors.js';
import type { LoadModelOptions } from '../network/load-model.js';
import {
  choice,
  count as countKind,
  fromZero,
  seedNumber as seedKind,
  positiveShare as shareAboveZero,
  text,
  toggle,
} from '../options/kind.js';
import { declareOptions, optionGroup } from '../options/option.js';
import { RUNTIMES } from '../runtime/runtime-choice.js';
import { addOptions, parsing } from './option-flags.js';

/** Values of the flags that several commands share. */
export interface SharedFlags {
  readonly json?: boolean;
  readonly threads?: number | undefined;
  readonly cache?: string;
  readonly revision?: string;
  readonly token?: string;
  readonly endpoint?: string;
  readonly offline?: boolean;
}

/** Where a model is found, and where what is made of it is kept. */
export const LOADING = declareOptions({
  cacheFolder: { kind: text('<folder>'), about: 'where converted weights are kept', flag: 'cache' },
  hub: optionGroup({
    revision: { kind: text('<name>'), about: 'branch, tag or commit on the model hub' },
    token: { kind: text('<token>'), about: 'access token of the model hub', auto: 'HF_TOKEN' },
    endpoint: { kind: text('<url>'), about: 'host of the model hub or a mirror', auto: 'HF_ENDPOINT' },
    offline: { kind: toggle, about: 'use only what is on this machine', auto: 'HF_HUB_OFFLINE' },
  }),
});

/** Flags of every command that loads a model. */
export const addModelFlags = (command: Command): Command => addOptions(command, LOADING);

/** Flags of every command that computes. */
export function addThreadsFlag(command: Command): Command {
  const threads = { kind: countKind(256), about: 'threads of the runtime', auto: 'one a core' };
  return addRuntimeFlag(addOptions(command, { threads }));
}

/** What computes: the entry of the command line heeds it for all commands. */
export function addRuntimeFlag(command: Command): Command {
  const runtime = {
    kind: choice('<name>', RUNTIMES),
    about: 'what computes',
    auto: 'SOFTPROMPT_RUNTIME; else native, or wasm where native is missing',
  };
  return addOptions(command, { runtime });
}

/** Beside the options of a command that loads a model and computes: where from, what with, how it is told. */
export function addRunFlags(command: Command): Command {
  return addOutputFlags(addRuntimeFlag(addModelFlags(command)));
}

export function addOutputFlags(command: Command): Command {
  return command
    .option('--json', 'one JSON object a line; the last has "event":"result"')
    .option('--config <file>', 'YAML file with any of these flags');
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

/** For flags that are no options of a capability. */
export const count = parsing(countKind());
export const seedNumber = parsing(seedKind);
export const numberFromZero = parsing(fromZero());
export const positiveShare = parsing(shareAboveZero);
