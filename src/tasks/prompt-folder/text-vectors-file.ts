import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readTensorFile, writeTensorFile } from '../../weights/tensor-file.js';

/*
 * Vectors of texts that a frozen model has read, kept in the cache: a folder for each way of reading, in it files that are
 * named after their content's hash, so that processes that write at once do not meet and a damaged file is not believed.
 */

/** Int32 words of a text's sha256. */
const KEY_WORDS = 8;
/** More files than this become one. */
const MOST_FILES = 32;

const folderOf = (cacheFolder: string, reader: string) => join(cacheFolder, 'text-vectors', reader);

/**
 * What is kept of texts.
 * @param reader a hash of all that a vector follows from beside its text
 * @returns text → vector [width]
 */
export async function findTextVectors(
  cacheFolder: string,
  reader: string,
  width: number,
  texts: readonly string[],
): Promise<Map<string, Float32Array>> {
  const wanted = new Map(texts.map((text) => [keyOf(text).toString('hex'), text]));
  const found = new Map<string, Float32Array>();
  for (const { keys, vectors } of await readFiles(folderOf(cacheFolder, reader), width)) {
    for (let row = 0; row < keys.length / KEY_WORDS; row++) {
      const text = wanted.get(keyAt(keys, row));
      if (text !== undefined) found.set(text, vectors.slice(row * width, (row + 1) * width));
    }
  }
  return found;
}

/** Keeps more. @param vectors [texts, width]. Errors: those of the file system, as they are. */
export async function keepTextVectors(
  cacheFolder: string,
  reader: string,
  width: number,
  texts: readonly string[],
  vectors: Float32Array,
): Promise<void> {
  const folder = folderOf(cacheFolder, reader);
  const keys = new Int32Array(texts.length * KEY_WORDS);
  new Uint8Array(keys.buffer).set(Buffer.concat(texts.map(keyOf)));
  await write(folder, { keys, vectors });
  const files = await readFiles(folder, width);
  if (files.length <= MOST_FILES) return;
  const rows = new Map<string, readonly [Int32Array, Float32Array]>();
  for (const file of files) {
    for (let row = 0; row < file.keys.length / KEY_WORDS; row++) {
      const key = file.keys.subarray(row * KEY_WORDS, (row + 1) * KEY_WORDS);
      rows.set(keyAt(file.keys, row), [key, file.vectors.subarray(row * width, (row + 1) * width)]);
    }
  }
  const all = { keys: new Int32Array(rows.size * KEY_WORDS), vectors: new Float32Array(rows.size * width) };
  [...rows.values()].forEach(([key, vector], row) => {
    all.keys.set(key, row * KEY_WORDS);
    all.vectors.set(vector, row * width);
  });
  const name = await write(folder, all);
  for (const file of files) if (file.name !== name) await rm(join(folder, file.name), { force: true });
}

interface KeptVectors {
  /** [texts, KEY_WORDS] */
  readonly keys: Int32Array;
  /** [texts, width] */
  readonly vectors: Float32Array;
}

/** The files that are whole; one that another process has just merged into another is not missed, since that one is read. */
async function readFiles(folder: string, width: number): Promise<(KeptVectors & { readonly name: string })[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(ENDING)).sort();
  const files = await Promise.all(
    names.map(async (name) => {
      const { keys, vectors } = await readTensorFile(join(folder, name)).catch(() => ({ keys: null, vectors: null }));
      if (!(keys instanceof Int32Array && vectors instanceof Float32Array)) return [];
      const whole = vectors.length * KEY_WORDS === keys.length * width && nameOf({ keys, vectors }) === name;
      return whole ? [{ name, keys, vectors }] : [];
    }),
  );
  return files.flat();
}

async function write(folder: string, kept: KeptVectors): Promise<string> {
  const name = nameOf(kept);
  await writeTensorFile(join(folder, name), { ...kept });
  return name;
}

const ENDING = '.safetensors';

function nameOf({ keys, vectors }: KeptVectors): string {
  const hash = createHash('sha256').update(bytesOf(keys)).update(bytesOf(vectors));
  return hash.digest('hex') + ENDING;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Int32Array | Float32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);

const keyOf = (text: string): Buffer => createHash('sha256').update(text).digest();

const keyAt = (keys: Int32Array, row: number): string =>
  Buffer.from(bytesOf(keys.subarray(row * KEY_WORDS, (row + 1) * KEY_WORDS))).toString('hex');
