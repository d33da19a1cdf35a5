import { existsSync } from 'node:fs';
import { mkdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { SoftpromptError } from '../errors.js';
import { nearestPath } from '../files/nearest-path.js';
import { readShardNames } from '../weights/safetensors-shards.js';
import {
  blobPath,
  cachedCommits,
  findCachedModel,
  type HubOrigin,
  isCommit,
  type LocatedModel,
  linkIntoSnapshot,
  originOf,
  rememberRevision,
  repositoryFolder,
} from './hub-cache.js';
import { locateInCache } from './hub-cache-path.js';
import { downloadBlob, partialPath } from './hub-download.js';
import { answerInvalid, asCacheError, diskTooSmall, offline } from './hub-errors.js';
import { isGgufPath, isRevision, parseHubId } from './hub-id.js';
import { chooseFiles, describeFile, type HubFile, type HubListing, listRepository } from './hub-listing.js';
import { type HubOptions, type HubSettings, hubSettings } from './hub-settings.js';
import { resemblesEmbedded, unknownSource } from './unknown-source.js';

export type { HubOrigin, LocatedModel } from './hub-cache.js';
export type { HubOptions, HubProgress } from './hub-settings.js';

/**
 * Where a model lies on this machine. A path that exists is taken as it is. A hub id (`organisation/name`, with
 * `@revision` and `:file.gguf` if need be) is looked up in the cache of huggingface_hub and downloaded where files are
 * missing; the result is the snapshot's folder, or the GGUF file in it. A branch or tag is asked for anew each time;
 * where the hub gives no usable answer, a whole copy in the cache serves. A commit that is in the cache needs no network.
 * Options, then environment variables, as huggingface_hub has them: see `HubOptions`.
 * Errors: MODEL_SOURCE_UNKNOWN, HUB_NOT_FOUND, HUB_FORBIDDEN, HUB_UNREACHABLE, HUB_OFFLINE, HUB_FILES, HUB_CHECKSUM,
 * HUB_ENDPOINT_INVALID, HUB_ANSWER_INVALID, CACHE_UNWRITABLE, SAFETENSORS_INDEX_INVALID; the signal's reason on abort.
 */
export async function locateModel(source: string, options: HubOptions = {}): Promise<LocatedModel> {
  if (existsSync(source)) return locateInCache(source);
  const id = parseHubId(source);
  const missing = `There is no file or folder '${source}'`;
  if (id === undefined || resemblesEmbedded(source)) throw unknownSource(`${missing}, and it is no hub id`, source);
  const revision = options.revision ?? id.revision ?? 'main';
  const file = options.file ?? id.file;
  if (!isRevision(revision)) throw unknownSource(`'${revision}' is no revision of a hub model`, '');
  if (file !== undefined && !isGgufPath(file)) throw unknownSource(`'${file}' is no GGUF file of a hub model`, '');

  const settings = await hubSettings(options);
  settings.signal?.throwIfAborted();
  const folder = repositoryFolder(settings.cacheFolder, id.repository);
  const located = (path: string): LocatedModel => ({ path, origin: originOf(path) });
  const cached = await findCachedModel(folder, revision, file);
  // a GGUF file in the cache does not say whether the repository has other weights, which go first
  const chosen = file !== undefined || !cached?.endsWith('.gguf');
  if (cached !== undefined && (settings.offline || (isCommit(revision) && chosen))) return located(cached);
  const near = cached === undefined && nearestPath(source) !== undefined;
  if (settings.offline) {
    const error = offline(source, settings.cacheFolder);
    throw near ? unknownSource(missing, source, error) : error;
  }
  let listing: HubListing;
  try {
    const patient = cached === undefined && !near ? settings : briefly(settings);
    listing = await listRepository(id.repository, revision, patient);
  } catch (error) {
    if (near && error instanceof SoftpromptError) throw unknownSource(missing, source, error);
    if (cached === undefined && error instanceof SoftpromptError && error.code === 'HUB_UNREACHABLE') {
      throw new SoftpromptError(
        error.code,
        { ...error.facts, found: `${missing}, and of a hub: ${error.facts.found}` },
        { cause: error },
      );
    }
    const answered = error instanceof SoftpromptError && ANSWERS.has(error.code);
    if (cached !== undefined && error instanceof SoftpromptError && !answered) return located(cached);
    throw error;
  }
  try {
    const model = await downloadModel(id.repository, listing, file, settings);
    await rememberRevision(folder, revision, listing.commit);
    return located(model);
  } catch (error) {
    throw asCacheError(settings.cacheFolder, error);
  }
}

/** Any whole copy of a model in the cache, the latest first, where the one that is wanted cannot be had. */
export async function locateAnyCached(origin: HubOrigin, options: HubOptions = {}): Promise<LocatedModel | undefined> {
  const { cacheFolder } = await hubSettings(options);
  const folder = repositoryFolder(cacheFolder, origin.repository);
  for (const commit of await cachedCommits(folder)) {
    const path = await findCachedModel(folder, commit, origin.file);
    if (path !== undefined) return { path, origin: originOf(path) };
  }
  return undefined;
}

/** What a hub says of the model itself: no reason to use an old copy. */
const ANSWERS: ReadonlySet<string> = new Set(['HUB_NOT_FOUND', 'HUB_FORBIDDEN']);

async function downloadModel(
  repository: string,
  listing: HubListing,
  file: string | undefined,
  settings: HubSettings,
): Promise<string> {
  const { settings: small, weights } = chooseFiles(repository, listing, file);
  const folder = repositoryFolder(settings.cacheFolder, repository);
  const snapshot = join(folder, 'snapshots', listing.commit);
  const fetchAll = (paths: readonly string[]): Promise<void> => fetchFiles(repository, listing, paths, settings);
  await fetchAll([...small, weights.path]);
  if (weights.kind === 'index') {
    const shards = await readShardNames(join(snapshot, weights.path), weights.format);
    const missing = shards.filter((shard) => !listing.files.has(shard));
    if (missing.length > 0)
      throw answerInvalid(`${repository} lacks the shards ${missing.join(', ')}`, 'every shard that its index names');
    await fetchAll(shards);
  }
  return weights.kind === 'gguf' ? join(snapshot, weights.path) : snapshot;
}

async function fetchFiles(
  repository: string,
  listing: HubListing,
  paths: readonly string[],
  settings: HubSettings,
): Promise<void> {
  const folder = repositoryFolder(settings.cacheFolder, repository);
  const urlOf = (path: string): string =>
    `${settings.endpoint}/${repository}/resolve/${listing.commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
  const missing: HubFile[] = [];
  for (const path of paths) {
    if (existsSync(join(folder, 'snapshots', listing.commit, path))) continue;
    missing.push(await describeFile(listing, path, urlOf(path), settings));
  }
  if (missing.length === 0) return;
  await checkDisk(folder, missing);
  for (const file of missing) {
    await downloadBlob(folder, file, urlOf(file.path), settings);
    await linkIntoSnapshot(folder, listing.commit, file.path, file.digest);
  }
}

/** A full disk is told before gigabytes have come, not after. */
async function checkDisk(folder: string, files: readonly HubFile[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  let needed = 0;
  for (const { digest, size } of files) {
    const blob = blobPath(folder, digest);
    const have = existsSync(blob) ? size : ((await stat(partialPath(blob)).catch(() => undefined))?.size ?? 0);
    needed += Math.max(0, size - have);
  }
  if (needed > bavail * bsize) throw diskTooSmall(folder, needed, bavail * bsize);
}

/** With a copy in the cache, a hub that does not answer soon is not worth waiting for. */
function briefly(settings: HubSettings): HubSettings {
  const { patience } = settings;
  return { ...settings, patience: { ...patience, attempts: 1, stallMs: Math.min(patience.stallMs, 5_000) } };
}
