import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ErrorCode, SoftpromptError } from './errors.js';
import { shellWord } from './shell-command.js';

/** A package that only some commands need: softprompt is installed with it where that works, or takes it where it is there. */
export interface OptionalPackage {
  /** As `package.json` lists it among `optionalDependencies` or `peerDependencies`. */
  readonly name: string;
  /** As people call it. */
  readonly title: string;
  readonly code: ErrorCode;
  /** What it is needed for: follows "Expected it, ". */
  readonly purpose: string;
  /** Flags of `npm install`. */
  readonly flags: string;
  /** Where it runs. */
  readonly platforms: string;
}

/**
 * Loads an optional package.
 * @throws its code, with the command that installs it, where it is missing or does not load
 */
export async function loadOptional<T>(described: OptionalPackage, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw unavailable(described, error);
  }
}

function unavailable({ name, title, code, purpose, flags, platforms }: OptionalPackage, error: unknown) {
  const [message] = (error instanceof Error ? error.message : String(error)).split('\n');
  const command = `npm install ${whereToInstall()}${flags} ${name}@${versionOf(name)}`;
  const missing = isMissing(name, error);
  return new SoftpromptError(
    code,
    {
      found: missing ? `${title} is not installed` : `${title} is installed but does not load: ${message}`,
      expected: `it, ${purpose}`,
      fix: missing
        ? `Run \`${command}\`.`
        : `It runs on ${platforms}. Where that is given, remove ${folderOf(name)} and run \`${command}\`.`,
    },
    { cause: error },
  );
}

function isMissing(name: string, error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') && message.includes(`'${name}'`);
}

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

function versionOf(name: string): string {
  const { optionalDependencies, peerDependencies } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'));
  const version: string = optionalDependencies[name] ?? peerDependencies[name];
  return version.replace(/^\^/, '');
}

/** Flags that make npm install beside this copy of softprompt, from whatever folder the command is called. */
function whereToInstall(): string {
  const modules = PACKAGE.indexOf(`${sep}node_modules${sep}`);
  const project = modules === -1 ? resolve(PACKAGE) : PACKAGE.slice(0, modules);
  if (!existsSync(join(project, 'package.json'))) return '--global ';
  const way = relative(project, process.cwd());
  return way.startsWith('..') || isAbsolute(way) ? `--prefix ${shellWord(project)} ` : '';
}

function folderOf(name: string): string {
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    const start = entry.lastIndexOf(join('node_modules', name));
    return shellWord(entry.slice(0, start + join('node_modules', name).length));
  } catch {
    return join('node_modules', name);
  }
}
