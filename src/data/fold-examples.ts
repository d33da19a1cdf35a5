import { Random } from '../random.js';
import { groupByText } from './duplicates.js';
import type { Example } from './example.js';
import { groupBy } from './group-by.js';

/**
 * Divides examples into parts of about the same size for cross-validation, at random: each label is spread over all parts as
 * evenly as can be, and rows of the same text stand in one part.
 * @param parts K, at most the number of distinct texts
 * @returns the part of each example [N], 0 to K − 1
 */
export function foldExamples(examples: readonly Example[], parts: number, seed: number): Int32Array {
  const random = new Random(seed);
  const texts = groupByText(examples);
  const place = new Map(examples.map((example, i) => [example, i]));
  const folds = new Int32Array(examples.length);
  const order = [...groupBy(texts, ([first]) => first!.label).values()].flatMap((texts) => random.shuffle([...texts]));
  order.forEach((copies, i) => {
    for (const copy of copies) folds[place.get(copy)!] = i % parts;
  });
  return folds;
}
