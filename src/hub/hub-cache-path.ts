import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { SoftpromptError } from '../errors.js';
import { isCommit, type LocatedModel, originOf } from './hub-cache.js';

/**
 * A local path as it is; but of a repository's folder in the hub's cache (`models--organisation--name`, or `snapshots` in
 * it) the snapshot that `main` stands for, or the only one. Errors: MODEL_FOLDER_INCOMPLETE where that is not one model.
 */
export function locateInCache(source: string): LocatedModel {
  const path = resolve(source);
  const inner = ['snapshots', 'blobs', 'refs'].includes(basename(path)) ? dirname(path) : path;
  if (isRepositoryFolder(inner)) {
    const snapshot = snapshotOf(inner);
    return { path: snapshot, origin: originOf(snapshot) };
  }
  const cache = [path, join(path, 'hub')].find((folder) => list(folder).some(isRepositoryName));
  if (cache !== undefined && !list(path).includes('config.json')) throw wholeCache(path, cache);
  return { path: source, origin: originOf(path) };
}

function snapshotOf(repository: string): string {
  const commits = list(join(repository, 'snapshots')).filter(isCommit);
  const main = mainCommit(repository);
  const chosen = commits.find((commit) => commit === main) ?? (commits.length === 1 ? commits[0] : undefined);
  if (chosen !== undefined) return join(repository, 'snapshots', chosen);
  throw new SoftpromptError('MODEL_FOLDER_INCOMPLETE', {
    found: `${repository} is the hub's cache of ${idOf(basename(repository))}, with ${commits.length} snapshots and none for 'main'`,
    expected: 'the folder of one snapshot, or the id of the model',
    fix:
      commits.length === 0
        ? `Download it: give ${idOf(basename(repository))} as the model.`
        : `Give one of them: ${commits.map((commit) => `${idOf(basename(repository))}@${commit}`).join(', ')}.`,
  });
}

function wholeCache(path: string, cache: string): SoftpromptError {
  const ids = list(cache).filter(isRepositoryName).map(idOf);
  return new SoftpromptError('MODEL_FOLDER_INCOMPLETE', {
    found: `${path} is the hub's cache, which holds ${ids.slice(0, 10).join(', ')}${ids.length > 10 ? ' …' : ''}`,
    expected: 'one model',
    fix: `Give its id, such as ${ids[0]}: it is found in the cache (of another place with HF_HUB_CACHE=${cache}).`,
  });
}

const isRepositoryName = (name: string) => name.startsWith('models--');
const idOf = (name: string) => name.split('--').slice(1).join('/');

function isRepositoryFolder(path: string): boolean {
  return isRepositoryName(basename(path)) && list(path).includes('snapshots');
}

function mainCommit(repository: string): string {
  const path = join(repository, 'refs', 'main');
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, 'utf8').trim() : '';
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
