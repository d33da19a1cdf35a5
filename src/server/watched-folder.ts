import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { RECORD_FILE } from '../methods/prompt-files.js';

/** What a folder holds, told by its record. */
export type ServedKind = 'prompt' | 'recommender';

/** A folder with a record. */
export interface FoundFolder {
  readonly name: string;
  readonly path: string;
  readonly kind: ServedKind;
  /** Changes when any file of it does. */
  readonly fingerprint: string;
  /** A hash of the record, which vouches for the other files by theirs. */
  readonly version: string;
}

/**
 * The prompts and recommenders in folders: each is one itself, or holds some. Their names are those of the folders; only
 * letters, digits, `.`, `_` and `-` are allowed in one.
 */
export async function findFolders(roots: readonly string[]): Promise<FoundFolder[]> {
  const found: FoundFolder[] = [];
  for (const root of roots) {
    const own = await lookInto(resolve(root));
    if (own !== undefined) {
      found.push(own);
      continue;
    }
    const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.') || !(entry.isDirectory() || entry.isSymbolicLink())) continue;
      const inside = await lookInto(resolve(root, entry.name));
      if (inside !== undefined) found.push(inside);
    }
  }
  return found;
}

export const SERVED_NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,99}$/u;

async function lookInto(path: string): Promise<FoundFolder | undefined> {
  const record = await readFile(join(path, RECORD_FILE), 'utf8').catch(() => undefined);
  if (record === undefined || !SERVED_NAME.test(basename(path))) return undefined;
  return {
    name: basename(path),
    path,
    kind: taskOf(record) === 'recommendation' ? 'recommender' : 'prompt',
    fingerprint: await fingerprintOf(path),
    version: hash(record).slice(0, 12),
  };
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
