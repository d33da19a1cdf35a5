import { type BatchScorer, inBatches } from '../../src/recommend/scorer.js';
import type { ItemFeatures } from '../../src/recommend/sequential/sasrec-options.js';
import { innerProduct, unitRows } from '../../src/recommend/unit-rows.js';

/** Cosine of the items' text vectors with the mean of a history's latest ones. */
export function textNeighbours({ vectors, width }: ItemFeatures, latest: number): BatchScorer {
  const items = vectors.length / width;
  const unit = unitRows(
    Int32Array.from({ length: items }, (_, item) => item),
    vectors,
    width,
  );
  return inBatches(
    {
      scoreUser(history, out) {
        const query = new Float32Array(width);
        for (const item of history.slice(-latest)) for (let i = 0; i < width; i++) query[i]! += unit[item * width + i]!;
        for (let item = 0; item < out.length; item++) out[item] = innerProduct(query, 0, unit, item * width, width);
      },
    },
    items,
  );
}
