import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { replaceFileAtomically, temporaryPath } from '../files/atomic-file.js';
import { hashFiles } from '../files/content-hash.js';
import { parseRecord } from '../files/json-record.js';
import { type ContentStore, copyVerified, missing, writing } from './content-store.js';

const FORMAT = 'softprompt tree 1';

const record = z.object({
  format: z.literal(FORMAT),
  /** Whether it is one file and not a folder. */
  single: z.boolean(),
  files: z.array(z.object({ path: z.string(), sha256: z.string(), bytes: z.int().nonnegative() })),
});

/** A file, or a folder with all files in it, by what they hold: not by where they lie or when they were made. */
export type Tree = z.infer<typeof record>;

/** Files of running processes. */
const PASSING = /(^|\/)\.[^/]*(\.tmp|-lock)$/;

const contentOf = (tree: Tree): string => JSON.stringify(tree);
export const hashOfTree = (tree: Tree): string => createHash('sha256').update(contentOf(tree)).digest('hex');
export const bytesOfTree = ({ files }: Tree): number => files.reduce((sum, { bytes }) => sum + bytes, 0);

/** What lies at a path. @param cacheFolder where hashes of files are remembered */
export async function treeAt(path: string, cacheFolder: string): Promise<Tree> {
  const single = !(await stat(path)).isDirectory();
  return treeOf(single ? dirname(path) : path, single ? [basename(path)] : ['.'], cacheFolder, single);
}

/** What lies at paths within a folder; what is not there is left out. */
export async function treeOf(
  folder: string,
  paths: readonly string[],
  cacheFolder: string,
  single = false,
): Promise<Tree> {
  const names: string[] = [];
  for (const path of paths) {
    const facts = await stat(join(folder, path)).catch(() => undefined);
    if (facts?.isDirectory()) {
      for (const name of await readdir(join(folder, path), { recursive: true }))
        if ((await stat(join(folder, path, name))).isFile()) names.push(join(path, name));
    } else if (facts) names.push(path);
  }
  const files: Tree['files'] = [];
  for (const name of [...new Set(names.map((one) => one.split(sep).join('/')))].sort()) {
    if (PASSING.test(name)) continue;
    const file = join(folder, name);
    files.push({ path: name, sha256: await hashFiles([file], cacheFolder), bytes: (await stat(file)).size });
  }
  return { format: FORMAT, single, files };
}

/** Keeps a tree's files and its list. @returns its hash */
export async function putTree(store: ContentStore, tree: Tree, folder: string): Promise<string> {
  for (const { path, sha256 } of tree.files)
    if (!(await store.has(sha256))) await store.put(sha256, join(folder, path));
  const hash = hashOfTree(tree);
  await store.put(hash, Buffer.from(contentOf(tree)));
  return hash;
}

/** @throws QUEUE_CONTENT_MISSING */
export async function readTree(store: ContentStore, hash: string): Promise<Tree> {
  const content = await text(await store.open(hash));
  const read = parseRecord(content, record);
  if (read.record === undefined || hashOfTree(read.record) !== hash) throw missing(hash, store.place);
  return read.record;
}

/** Puts a tree's files into a folder, each whole or not at all. */
export async function fetchTree(store: ContentStore, hash: string, folder: string): Promise<Tree> {
  const tree = await readTree(store, hash);
  for (const { path, sha256 } of tree.files) {
    await writing(folder, () =>
      replaceFileAtomically(join(folder, path), async (temporary) =>
        copyVerified(await store.open(sha256), temporary, sha256),
      ),
    );
  }
  return tree;
}

/**
 * A tree as a path of this machine: where it lies already, or in the cache, into which it is fetched once.
 * @param original where it lay on the machine that asked
 */
export async function treeOnThisMachine(
  store: ContentStore,
  hash: string,
  original: string,
  cacheFolder: string,
): Promise<string> {
  if (existsSync(original) && hashOfTree(await treeAt(original, cacheFolder)) === hash) return original;
  const place = placeOf(hash, original, cacheFolder);
  if (existsSync(place)) {
    await utimes(dirname(place), new Date(), new Date()).catch(() => {});
    return place;
  }
  const temporary = temporaryPath(place);
  try {
    const { single, files } = await fetchTree(store, hash, temporary);
    await writing(place, async () => {
      await mkdir(temporary, { recursive: true }); // of a folder with nothing in it
      await rename(single ? join(temporary, files[0]!.path) : temporary, place).catch((error) => {
        if (!existsSync(place)) throw error; // another worker was faster
      });
    });
    return place;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Whether a tree need not be fetched. */
export const isOnThisMachine = (hash: string, original: string, cacheFolder: string): boolean =>
  existsSync(original) || existsSync(placeOf(hash, original, cacheFolder));

/** Where a tree lies once it was fetched: under its own name, which others may go by. */
const placeOf = (hash: string, original: string, cacheFolder: string) =>
  join(treesFolder(cacheFolder), hash, basename(original));

const treesFolder = (cacheFolder: string) => join(cacheFolder, 'queue', 'trees');
const UNUSED_MS = 7 * 86_400_000;

/** Removes trees that nobody used for a week. */
export async function forgetUnusedTrees(cacheFolder: string): Promise<void> {
  for (const name of await readdir(treesFolder(cacheFolder)).catch(() => [])) {
    const folder = join(treesFolder(cacheFolder), name);
    if (Date.now() - (await stat(folder)).mtimeMs > UNUSED_MS) await rm(folder, { recursive: true, force: true });
  }
}
