import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { writeFileAtomically } from '../files/atomic-file.js';
import { readShardNames, shardFormat } from '../weights/safetensors-shards.js';
import { isModelGguf } from './hub-id.js';

/**
 * The cache of huggingface_hub, so that Python finds what softprompt downloads and the reverse:
 * `models--organisation--name/` with `blobs/DIGEST` (the content), `refs/REVISION` (a commit) and
 * `snapshots/COMMIT/PATH` (links to blobs).
 */
export function repositoryFolder(cacheFolder: string, repository: string): string {
  return join(cacheFolder, ['models', ...repository.split('/')].join('--'));
}

/** Where a file's content lies in the cache. */
export function blobPath(folder: string, digest: string): string {
  return join(folder, 'blobs', digest);
}

/** The file beside other tools' locks that says that a blob is being downloaded. */
export function blobLockPath(folder: string, digest: string): string {
  const [cacheFolder, name] = [dirname(folder), relative(dirname(folder), folder)];
  return join(cacheFolder, '.locks', name, `${digest}.softprompt.lock`);
}

/** Where on a hub a model comes from. */
export interface HubOrigin {
  readonly repository: string;
  readonly commit: string;
  /** Its GGUF file, by its path in the repository; undefined where the weights are safetensors. */
  readonly file?: string;
}

/** A model on this machine. */
export interface LocatedModel {
  /** Its folder or GGUF file. */
  readonly path: string;
  /** Where on a hub it comes from; undefined for a local folder or file. */
  readonly origin: HubOrigin | undefined;
}

const SNAPSHOT = /(?:^|\/)models--([^/]+)\/snapshots\/([0-9a-f]{40})(?:\/(.+\.gguf))?\/?$/;

/** Where a snapshot of the cache, or a GGUF file in it, comes from; undefined for another path. */
export function originOf(path: string): HubOrigin | undefined {
  const [, name, commit, file] = SNAPSHOT.exec(resolve(path).split(sep).join('/')) ?? [];
  if (name === undefined || commit === undefined) return undefined;
  return { repository: name.split('--').join('/'), commit, ...(file !== undefined && { file }) };
}

/** The hub id that names a model for good. */
export function pinnedId({ repository, commit, file }: HubOrigin): string {
  return `${repository}@${commit}${file === undefined ? '' : `:${file}`}`;
}

/** The commits of which a repository's folder holds files, the latest first. */
export async function cachedCommits(folder: string): Promise<readonly string[]> {
  const snapshots = join(folder, 'snapshots');
  const names = (await readdir(snapshots).catch(() => [])).filter(isCommit);
  const times = await Promise.all(names.map((name) => stat(join(snapshots, name)).catch(() => undefined)));
  const time = new Map(names.map((name, i) => [name, times[i]?.mtimeMs ?? 0]));
  return names.sort((a, b) => time.get(b)! - time.get(a)!);
}

export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/**
 * A model that lies in the cache with all its files: the snapshot's folder, or the GGUF file in it. Without `file`, a
 * snapshot without safetensors and PyTorch's weights stands for the only GGUF file it has.
 */
export async function findCachedModel(
  folder: string,
  revision: string,
  file: string | undefined,
): Promise<string | undefined> {
  const commit = isCommit(revision)
    ? revision
    : (await readFile(join(folder, 'refs', revision), 'utf8').catch(() => '')).trim();
  if (!isCommit(commit)) return undefined;
  const snapshot = join(folder, 'snapshots', commit);
  const has = (path: string): boolean => existsSync(join(snapshot, path));
  if (file !== undefined) return has(file) ? join(snapshot, file) : undefined;
  const format = shardFormat(snapshot);
  if (format !== undefined) {
    const shards = has(format.single)
      ? []
      : await readShardNames(join(snapshot, format.index), format).catch(() => undefined);
    const whole = shards !== undefined && ['config.json', 'tokenizer.json', ...shards].every(has);
    return whole ? snapshot : undefined;
  }
  const names = await readdir(snapshot, { recursive: true }).catch(() => []);
  const ggufs = names.filter((name) => isModelGguf(name)).filter(has);
  return ggufs.length === 1 ? join(snapshot, ggufs[0]!) : undefined;
}

/** Puts a blob into a snapshot: a relative link, as huggingface_hub makes it. */
export async function linkIntoSnapshot(folder: string, commit: string, path: string, digest: string): Promise<void> {
  const target = join(folder, 'snapshots', commit, path);
  const blob = blobPath(folder, digest);
  if (existsSync(target)) return;
  await mkdir(dirname(target), { recursive: true });
  // Renaming replaces a link whose blob is gone.
  const temporary = `${target}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    // Windows lets only some users make symbolic links.
    await symlink(relative(dirname(target), blob), temporary).catch(() => link(blob, temporary));
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Notes which commit a branch or tag stands for. Failing is no harm: only offline the model is not found by this name. */
export async function rememberRevision(folder: string, revision: string, commit: string): Promise<void> {
  if (revision === commit) return;
  const path = join(folder, 'refs', revision);
  const known = await readFile(path, 'utf8').catch(() => '');
  if (known !== commit) await writeFileAtomically(path, commit).catch(() => {});
}
