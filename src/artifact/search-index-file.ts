import { join } from 'node:path';
import { readTensorFile, writeTensorFile } from '../model/tensor-file.js';
import { gatherRows, type InvertedFile } from '../recommend/serving/inverted-file.js';

const FILE = 'approximate.safetensors';

/** An index kept in a recommender's folder, with the search that was tuned on it. */
export interface KeptSearch {
  readonly index: InvertedFile;
  readonly probes: number;
  readonly recall: number;
}

/** Errors: those of the file system, as they are. */
export async function writeSearchIndex(folder: string, vectors: Float32Array, kept: KeptSearch): Promise<void> {
  const { index, probes, recall } = kept;
  await writeTensorFile(join(folder, FILE), {
    centroids: index.centroids,
    offsets: index.offsets,
    items: index.items,
    search: Int32Array.of(probes, index.width, checksum(vectors)),
    recall: Float32Array.of(recall),
  });
}

/** Undefined where there is none, or one of other vectors [I, d]. */
export async function readSearchIndex(folder: string, vectors: Float32Array): Promise<KeptSearch | undefined> {
  const arrays = await readTensorFile(join(folder, FILE)).catch(() => undefined);
  if (arrays === undefined) return undefined;
  const { centroids, offsets, items, search, recall } = arrays;
  const whole =
    centroids instanceof Float32Array &&
    offsets instanceof Int32Array &&
    items instanceof Int32Array &&
    search?.length === 3 &&
    recall?.length === 1 &&
    search[2] === checksum(vectors);
  if (!whole) return undefined;
  const width = search[1]!;
  const rows = gatherRows(items, vectors, width);
  return { index: { centroids, offsets, items, rows, width }, probes: search[0]!, recall: recall[0]! };
}

/** FNV-1a over the numbers' bits, a word at a time. */
function checksum(vectors: Float32Array): number {
  const words = new Int32Array(vectors.buffer, vectors.byteOffset, vectors.length);
  let hash = 0x811c9dc5 | 0;
  for (const word of words) hash = Math.imul(hash ^ word, 0x01000193);
  return hash;
}
