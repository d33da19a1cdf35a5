import { readExactly, withOpenFile } from '../../files/read-bytes.js';
import { familyOf, wordScaleOf } from '../families/registry.js';
import type { Checkpoint } from './checkpoint.js';
import { embeddingWidth } from './config.js';

const SAMPLE_ROWS = 1024;

/** The embeddings [ids, e] of token ids as they enter the network, read from the weight file. Errors: MODEL_FILE_UNREADABLE. */
export async function readEmbeddingRows(
  { weights, config }: Checkpoint,
  ids: readonly number[],
): Promise<Float32Array> {
  const table = weights.get(familyOf(config).wordTable)!;
  const width = embeddingWidth(config);
  const scale = wordScaleOf(config);
  const rows = new Float32Array(ids.length * width);
  await withOpenFile(table.file, async (file) => {
    for (const [i, id] of ids.entries()) {
      if (!(id >= 0 && id < config.vocabularySize)) throw new RangeError(`token id ${id} of ${config.vocabularySize}`);
      const row = await readExactly(file, table.offset + id * width * 4, width * 4);
      rows.set(scaled(new Float32Array(row.buffer), scale), i * width);
    }
  });
  return rows;
}

/** The numbers times a factor, in place. */
export function scaled(values: Float32Array, factor: number): Float32Array {
  if (factor !== 1) for (let i = 0; i < values.length; i++) values[i]! *= factor;
  return values;
}

/**
 * Root mean square of the embedding table's numbers, over 1,024 rows spread evenly: the natural size of a learned token,
 * and the unit of learning rates, which makes one default fit models whose embeddings differ in size.
 */
export async function embeddingScale(checkpoint: Checkpoint): Promise<number> {
  const { vocabularySize } = checkpoint.config;
  const count = Math.min(SAMPLE_ROWS, vocabularySize);
  const ids = Array.from({ length: count }, (_, i) => Math.floor((i * vocabularySize) / count));
  const rows = await readEmbeddingRows(checkpoint, ids);
  return Math.sqrt(rows.reduce((sum, x) => sum + x * x, 0) / rows.length);
}
