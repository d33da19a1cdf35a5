import * as op from '../../autodiff/build.js';
import { multiplySizes, type Size } from '../../autodiff/size.js';
import type { Tensor } from '../../autodiff/tensor.js';
import type { Feed } from '../../runtime/program.js';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import type { ModelConfig } from '../checkpoint/config.js';
import { weightSource } from '../checkpoint/weight-source.js';
import { embedWords, rowStates, visibilityOf } from '../frozen-network.js';
import { type NetworkGraphOptions, networkGraph, type Source } from '../network-graph.js';
import { encoderGraph } from '../source.js';
import type { LearnedEntry } from '../trainable.js';
import type { KeyValueSlots } from './key-value-slots.js';
import { stepAttention } from './step-attention.js';

/** Added to the score of a place that no text fills. */
const HIDDEN = -1e9;

const partName = (part: number) => `source ${part}`;

/** What decoding looks into of an encoder: keys and values of each stream's text, computed when it was read. @param rows R */
export function knownSource(
  { heads: H, headSize: s }: Pick<ModelConfig, 'heads' | 'headSize'>,
  feed: NetworkGraphOptions['feed'],
  rows: Size,
): Source {
  return {
    attend: (layer, _, queries, __, scale) => {
      const [keys, values] = [2 * layer, 2 * layer + 1].map((part) => feed(partName(part), ['B', H, 'U', s]));
      const byHead =
        rows === 1
          ? op.reshape(queries, ['B', H, 1, s])
          : op.transpose(op.reshape(queries, ['B', rows, H, s]), [0, 2, 1, 3]);
      const product = op.matmul(byHead, keys!, { transposeB: true, ...(scale !== 1 && { scale }) });
      const attended = op.matmul(op.softmax(op.add(product, feed('maskSource', ['B', 1, 1, 'U']))), values!);
      const byRow = rows === 1 ? attended : op.transpose(attended, [0, 2, 1, 3]);
      return op.reshape(byRow, [multiplySizes('B', rows), H * s]);
    },
  };
}

/** The inputs of `knownSource` for slots. */
export function sourceSlotFeeds(
  slots: KeyValueSlots,
  first: number,
  streams: number,
): { readonly feeds: Record<string, Feed>; readonly sizes: { readonly U: number } } {
  const U = slots.capacity;
  const mask = new Float32Array(streams * U).fill(HIDDEN);
  for (let b = 0; b < streams; b++) mask.fill(0, b * U, b * U + slots.length(first + b));
  const parts = slots.views(first, streams).map((view, part) => [partName(part), view] as const);
  return { feeds: { ...Object.fromEntries(parts), maskSource: mask }, sizes: { U } };
}

/** The encoder over texts, and the keys and values [M, layers·2·H·s] that the decoder's layers make of it. */
export function sourceComputation(
  checkpoint: Checkpoint,
  entry: LearnedEntry,
  feed: NetworkGraphOptions['feed'],
): Record<string, Tensor> {
  const { config } = checkpoint;
  const weights = weightSource(checkpoint);
  const { states } = encoderGraph({ config, weights, feed, learned: entry, prompt: entry.rows });
  const parts: Tensor[] = [];
  const source: Source = {
    attend: (_, __, queries, projection) => {
      parts.push(...projection.of(states));
      return queries;
    },
  };
  // the decoder for one row: all that is wanted of it is what its layers look into
  const graph = networkGraph({
    ...{ config, weights, feed, source, learned: entry, maxPositions: 1, endRows: 1 },
    ...{ rows: { all: 'B', shared: undefined }, visibility: visibilityOf(config, 'line') },
    attention: stepAttention({ shape: config, feed, rows: 1, past: 0 }),
  });
  rowStates(embedWords(graph, feed('ids', ['B'], 'int64')), graph);
  return { keyValues: op.concat(parts, 1) };
}
