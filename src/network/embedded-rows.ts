import * as op from '../autodiff/build.js';
import type { Size } from '../autodiff/size.js';
import type { Tensor } from '../autodiff/tensor.js';
import type { Feed } from '../runtime/program.js';
import { embedWords } from './frozen-network.js';
import type { NetworkGraph, NetworkGraphOptions } from './network-graph.js';
import type { RowLayout } from './row-layout.js';

/**
 * A batch's rows as embeddings [N, e]: words from the model's table, learned tokens (and rows that were made) from the prompt
 * [P, e] if there is one, however often one occurs. `embeddedRowFeeds` are the inputs.
 */
export function embedRows(
  model: Pick<NetworkGraph, 'config' | 'weights'>,
  prompt: Tensor | undefined,
  feed: NetworkGraphOptions['feed'],
  rows: Size = 'N',
): Tensor {
  const fixed = embedWords(model, feed('ids', [rows], 'int64'));
  const learnedTokens = prompt?.shape[0] ?? 0;
  if (prompt === undefined || learnedTokens === 0) return fixed;
  // learned rows are zero in the first term
  return op.add(
    op.multiply(fixed, feed('isFixed', [rows, 1])),
    op.matmul(feed('selection', [rows, learnedTokens]), prompt),
  );
}

export function embeddedRowFeeds(
  layout: Pick<RowLayout, 'ids' | 'learned'>,
  learnedTokens: number,
): Record<string, Feed> {
  const rows = layout.ids.length;
  const selection = new Float32Array(rows * learnedTokens);
  const isFixed = new Float32Array(rows).fill(1);
  layout.learned.forEach((token, row) => {
    if (token < 0) return;
    selection[row * learnedTokens + token] = 1;
    isFixed[row] = 0;
  });
  return { ids: BigInt64Array.from(layout.ids, BigInt), isFixed, selection };
}
