import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readSafetensorsHeader } from '../../weights/safetensors.js';
import { type NamedArrays, readTensorFile, writeTensorFile } from '../../weights/tensor-file.js';
import { gatherRows, type InvertedFile } from '../serving/inverted-file.js';

const FILE = 'approximate.safetensors';
/** Under which key the file says what it holds. */
const CONTENT = 'content';

/** An index kept in a recommender's folder, with the search that was tuned on it. */
export interface KeptSearch {
  readonly index: InvertedFile;
  readonly probes: number;
  readonly recall: number;
}

/** Errors: those of the file system, as they are. */
export async function writeSearchIndex(folder: string, vectors: Float32Array, kept: KeptSearch): Promise<void> {
  const { index, probes, recall } = kept;
  const arrays = {
    centroids: index.centroids,
    offsets: index.offsets,
    items: index.items,
    search: Int32Array.of(probes, index.width),
    recall: Float32Array.of(recall),
  };
  await writeTensorFile(join(folder, FILE), arrays, { [CONTENT]: hashOf(arrays, vectors) });
}

/** Undefined where there is none, one of other vectors [I, d], or a damaged one: it is built again. */
export async function readSearchIndex(folder: string, vectors: Float32Array): Promise<KeptSearch | undefined> {
  const path = join(folder, FILE);
  const header = await readSafetensorsHeader(path).catch(() => undefined);
  const arrays = header && (await readTensorFile(path).catch(() => undefined));
  if (arrays === undefined) return undefined;
  const { centroids, offsets, items, search, recall } = arrays;
  const whole =
    centroids instanceof Float32Array &&
    offsets instanceof Int32Array &&
    items instanceof Int32Array &&
    search?.length === 2 &&
    recall?.length === 1 &&
    header?.metadata.get(CONTENT) === hashOf({ centroids, offsets, items, search, recall }, vectors);
  if (!whole) return undefined;
  const width = search[1]!;
  const rows = gatherRows(items, vectors, width);
  return { index: { centroids, offsets, items, rows, width }, probes: search[0]!, recall: recall[0]! };
}

/** sha256 (hex) of the index and of the vectors that it was made of. */
function hashOf(arrays: NamedArrays, vectors: Float32Array): string {
  const hash = createHash('sha256');
  for (const [name, array] of Object.entries({ ...arrays, vectors })) {
    hash.update(`${name} ${array.length} `);
    hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
  return hash.digest('hex');
}
