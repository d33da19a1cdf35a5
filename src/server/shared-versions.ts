import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import type { ServedFile } from '../interaction-store/served-versions.js';
import { RECORD_FILE } from '../methods/prompt-files.js';
import type { FoundFolder, ServedKind } from './watched-folder.js';

/** Larger ones are not kept in the database: a service that does not have them from its folder goes without. */
const MOST_BYTES = 64 * 2 ** 20;
/** What a folder has of the job that made it, and of reports. */
const BESIDE = /^training\/|^history\.jsonl$|^result\.json$|\.html$|(^|\/)\./;

/**
 * The files of a prompt, for services that do not have it: none where they are too large, or where the folder has changed since. A
 * recommender's are never kept: they hold what people did, and somebody who is erased would stay.
 */
export async function filesOf({ kind, path, version }: FoundFolder): Promise<ServedFile[]> {
  if (kind !== 'prompt') return [];
  const names = (await readdir(path, { recursive: true })).map((name) => name.split(sep).join('/'));
  const files: ServedFile[] = [];
  let bytes = 0;
  for (const name of names) {
    const facts = await stat(join(path, name));
    if (!facts.isFile() || BESIDE.test(name)) continue;
    bytes += facts.size;
    if (bytes > MOST_BYTES) return [];
    files.push({ path: name, content: await readFile(join(path, name)) });
  }
  const record = files.find((file) => file.path === RECORD_FILE);
  const now = record && createHash('sha256').update(record.content).digest('hex').slice(0, version.length);
  return now === version ? files : [];
}

/** A folder of files that came from elsewhere. */
export async function folderOf(
  kind: ServedKind,
  name: string,
  version: string,
  files: readonly ServedFile[],
): Promise<{ readonly folder: FoundFolder; remove(): Promise<void> }> {
  const parent = await mkdtemp(join(tmpdir(), 'softprompt-served-'));
  const remove = () => rm(parent, { recursive: true, force: true });
  try {
    const path = join(parent, name);
    for (const { path: file, content } of files) {
      await mkdir(dirname(join(path, file)), { recursive: true });
      await writeFile(join(path, file), content);
    }
    return { folder: { name, path, kind, fingerprint: '', version }, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** When a folder was put where it is. */
export async function putThere({ path }: FoundFolder): Promise<Date> {
  const [folder, record] = await Promise.all([stat(path), stat(join(path, RECORD_FILE)).catch(() => undefined)]);
  return new Date(Math.max(folder.ctimeMs, record?.ctimeMs ?? 0));
}
