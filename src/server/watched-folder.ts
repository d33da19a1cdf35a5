import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { RECORD_FILE } from '../methods/prompt-files.js';
import { PREFERENCE_RECORD } from '../recommend/preference/preference-folder.js';

/** What a folder holds, told by its record. */
export type ServedKind = 'prompt' | 'recommender';

/** A folder with a record. */
export interface FoundFolder {
  readonly name: string;
  readonly path: string;
  readonly kind: ServedKind;
  /** Changes when its record does, or, looked at closely, any file of it. */
  readonly fingerprint: string;
  /** A hash of the record, which vouches for the other files by theirs. */
  readonly version: string;
}

export const SERVED_NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,99}$/u;

/**
 * The prompts and recommenders in folders: each is one itself, or holds some. Their names are those of the folders; only
 * letters, digits, `.`, `_` and `-` are allowed in one. Of two of one name the first counts. A record that has not changed is
 * not read again, so that a thousand folders cost a thousand glances.
 */
export class WatchedFolders {
  readonly #roots: readonly string[];
  /** Path → what it was, and how its record lay there. */
  #known = new Map<string, { readonly glance: string; readonly found: FoundFolder }>();

  constructor(roots: readonly string[]) {
    this.#roots = roots;
  }

  /** @param closely paths of which every file is looked at, since what they hold could not be loaded */
  async find(closely: ReadonlySet<string> = new Set()): Promise<FoundFolder[]> {
    const before = this.#known;
    this.#known = new Map();
    const found = new Map<string, FoundFolder>();
    const take = (folder: FoundFolder | undefined) => {
      const key = folder && `${folder.kind} ${folder.name}`;
      if (key !== undefined && !found.has(key)) found.set(key, folder!);
      return folder !== undefined;
    };
    const look = (path: string) => this.#lookInto(path, before.get(path), closely.has(path));
    for (const root of this.#roots) {
      if (take(await look(resolve(root)))) continue;
      const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
      const inside = entries
        .filter((entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isSymbolicLink()))
        .map(({ name }) => resolve(root, name))
        .sort();
      for (const folder of await Promise.all(inside.map(look))) take(folder);
    }
    return [...found.values()];
  }

  async #lookInto(
    path: string,
    before: { readonly glance: string; readonly found: FoundFolder } | undefined,
    closely: boolean,
  ): Promise<FoundFolder | undefined> {
    if (!SERVED_NAME.test(basename(path))) return undefined;
    const [name, file] = await recordIn(path);
    if (file === undefined) return undefined;
    const glance = `${file.size} ${file.mtimeNs} ${file.ino}`;
    let found = before?.glance === glance ? before.found : undefined;
    if (found === undefined) {
      const record = await readFile(join(path, name), 'utf8').catch(() => undefined);
      if (record === undefined) return undefined;
      found = {
        ...{ name: basename(path), path, fingerprint: glance },
        kind: name === PREFERENCE_RECORD || taskOf(record) === 'recommendation' ? 'recommender' : 'prompt',
        version: hash(record).slice(0, 12),
      };
    }
    this.#known.set(path, { glance, found });
    return closely ? { ...found, fingerprint: await fingerprintOf(path) } : found;
  }
}

/** The file that vouches for a folder's others. */
async function recordIn(path: string) {
  for (const name of [RECORD_FILE, PREFERENCE_RECORD]) {
    const file = await stat(join(path, name), { bigint: true }).catch(() => undefined);
    if (file?.isFile()) return [name, file] as const;
  }
  return [RECORD_FILE, undefined] as const;
}

function taskOf(record: string): unknown {
  try {
    return (JSON.parse(record) as { readonly task?: unknown } | null)?.task;
  } catch {
    return undefined; // loading it says what is wrong
  }
}

async function fingerprintOf(path: string): Promise<string> {
  const names = (await readdir(path).catch(() => [])).sort();
  const facts = await Promise.all(
    names.map(async (name) => {
      const file = await stat(join(path, name), { bigint: true }).catch(() => undefined);
      return file?.isFile() ? `${name} ${file.size} ${file.mtimeNs} ${file.ino}` : '';
    }),
  );
  return hash(facts.join('\n'));
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
