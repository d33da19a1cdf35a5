import type { Example } from '../../data/example.js';
import type { FrozenModel } from '../../network/load-model.js';
import { textReader } from '../../network/text-reader.js';
import { NOTHING } from '../../network/trainable.js';
import { cosine } from '../inspection/inspect-vectors.js';
import { textOf } from '../text-task.js';
import type { Similarity } from './transfer-matrix.js';

/** Texts of a task that are read. */
const TEXTS = 64;

/**
 * A vector [d] a task: the mean over its texts of the frozen model's mean states (TextEmb of Vu et al. 2020, section 4.1). No label
 * and no template has a part in it.
 */
export async function taskVectors(
  { checkpoint, tokenizer }: FrozenModel,
  tasks: ReadonlyMap<string, readonly Example[]>,
  { maxLength, threads }: { readonly maxLength: number; readonly threads?: number | undefined },
): Promise<Map<string, Float32Array>> {
  const reader = textReader(checkpoint, {
    ...{ layers: checkpoint.config.layers, trainable: NOTHING, sharedRows: 0, maxPositions: maxLength, threads },
    pooling: 'mean',
  });
  const vectors = new Map<string, Float32Array>();
  try {
    for (const [task, examples] of tasks) {
      const contexts = examples
        .slice(0, TEXTS)
        .map((example) => Int32Array.from(tokenizer.encode(textOf(example)).slice(0, maxLength)))
        .filter((context) => context.length > 0);
      // nothing is predicted: a candidate that no row is read for
      const texts = contexts.map((context) => ({ context, candidates: [context.subarray(0, 1)], target: undefined }));
      const read = await reader.read(new Float32Array(0), texts);
      const mean = new Float32Array(reader.width);
      read.forEach((x, i) => {
        mean[i % reader.width]! += x / texts.length;
      });
      vectors.set(task, mean);
    }
    return vectors;
  } finally {
    await reader.release();
  }
}

/** How alike tasks are: cosines of their vectors without the mean of all, which any text has. */
export function taskSimilarities(vectors: ReadonlyMap<string, Float32Array>): Similarity[] {
  const all = [...vectors];
  const mean = all[0]?.[1].map((_, k) => all.reduce((sum, [, vector]) => sum + vector[k]! / all.length, 0));
  const own = all.map(([name, vector]) => [name, vector.map((x, k) => x - mean![k]!)] as const);
  return own.flatMap(([target, a]) =>
    own.flatMap(([source, b]) => (source === target ? [] : [{ target, source, cosine: cosine(a, b) }])),
  );
}
