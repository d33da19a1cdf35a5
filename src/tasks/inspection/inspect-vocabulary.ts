import * as op from '../../autodiff/build.js';
import { embeddingWidth } from '../../network/checkpoint/config.js';
import { readEmbeddingRows, scaled } from '../../network/checkpoint/embedding-rows.js';
import { familyOf, wordScaleOf } from '../../network/families/registry.js';
import type { FrozenModel } from '../../network/load-model.js';
import { compile } from '../../runtime/program.js';
import { readRowsAsFloat32 } from '../../weights/tensor-rows.js';
import { cosine, distance, norm, rowOf } from './inspect-vectors.js';

/** A vocabulary word near a vector. */
export interface NearWord {
  readonly id: number;
  readonly cosine: number;
  /** Euclidean. */
  readonly distance: number;
}

/** A vector [d] whose nearest words are wanted, other than the word it belongs to. */
export interface VocabularyQuery {
  readonly vector: Float32Array;
  readonly ownId?: number | undefined;
}

/**
 * The `count` nearest words of each query by cosine, nearest first, and the mean norm of all words. The embedding table
 * [V, d] is read from the weight file in blocks; rows beyond the tokenizer's ids are no words.
 */
export async function scanVocabulary(
  { checkpoint, tokenizer }: FrozenModel,
  queries: readonly VocabularyQuery[],
  count: number,
  threads?: number,
): Promise<{ readonly nearest: readonly NearWord[][]; readonly meanNorm: number }> {
  const width = embeddingWidth(checkpoint.config);
  const words = Math.min(tokenizer.size, checkpoint.config.vocabularySize);
  const table = checkpoint.weights.get(familyOf(checkpoint.config).wordTable)!;
  const program = await dotProducts(width, threads);
  const vectors = new Float32Array(queries.length * width);
  for (const [q, { vector }] of queries.entries()) vectors.set(vector, q * width);

  const ranking = queries.map((): Candidate[] => []);
  let normSum = 0;
  let first = 0; // id of the block's first row
  try {
    for await (const stored of readRowsAsFloat32({ ...table, dtype: 'F32' })) {
      const block = scaled(stored, wordScaleOf(checkpoint.config));
      const { dots } = await program.run({ rows: block, vectors }, { R: block.length / width, Q: queries.length });
      const rows = Math.min(block.length / width, words - first);
      for (let row = 0; row < rows; row++) {
        const length = norm(rowOf(block, width, row));
        normSum += length;
        for (let q = 0; q < queries.length; q++) {
          // the cosine but for the query's own length
          const closeness = length === 0 ? 0 : dots![row * queries.length + q]! / length;
          if (first + row !== queries[q]!.ownId) keepClosest(ranking[q]!, first + row, closeness, count);
        }
      }
      first += block.length / width;
    }
  } finally {
    await program.release();
  }
  const ids = ranking.map((candidates) => candidates.map(({ id }) => id));
  const rows = await readEmbeddingRows(checkpoint, ids.flat());
  let done = 0;
  const nearest = ids.map((own, q) => {
    const start = done * width;
    done += own.length;
    return measured(queries[q]!.vector, own, rows.subarray(start, done * width));
  });
  return { nearest, meanNorm: normSum / words };
}

interface Candidate {
  readonly id: number;
  readonly closeness: number;
}

/** rows [R, d] · vectorsᵀ [d, Q] → dots [R, Q]. */
function dotProducts(width: number, threads: number | undefined) {
  const dots = op.linear(op.input('rows', ['R', width]), op.input('vectors', ['Q', width]));
  return compile({ dots }, { threads });
}

/** Enters a word into a list of at most `count`, closest first. */
function keepClosest(list: Candidate[], id: number, closeness: number, count: number): void {
  if (list.length === count && closeness <= list[count - 1]!.closeness) return;
  if (list.length === count) list.pop();
  const place = list.findIndex((other) => other.closeness < closeness);
  list.splice(place === -1 ? list.length : place, 0, { id, closeness });
}

/** The words again, measured in float64: float32 products cannot tell a small distance from none. */
function measured(vector: Float32Array, ids: readonly number[], rows: Float32Array): NearWord[] {
  return ids
    .map((id, i) => {
      const row = rowOf(rows, vector.length, i);
      return { id, cosine: cosine(vector, row), distance: distance(vector, row) };
    })
    .sort((a, b) => b.cosine - a.cosine);
}
