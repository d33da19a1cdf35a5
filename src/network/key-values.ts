import * as op from '../autodiff/build.js';
import type { Tensor } from '../autodiff/tensor.js';
import { compile } from '../runtime/program.js';
import { attentionFeeds } from './attention-indices.js';
import type { Checkpoint } from './checkpoint/checkpoint.js';
import { attentionWindows } from './checkpoint/config.js';
import { weightSource } from './checkpoint/weight-source.js';
import { embedWords, modelGraph, requireOneStack, rowStates, visibilityOf } from './frozen-network.js';
import { layOutRows } from './row-layout.js';

/**
 * The keys and values that a frozen model computes for a text, from position 0 on: [T, layers·2·KV·s], the keys of layer i
 * at 2i and its values at 2i + 1, as a prefix holds them.
 * @param ids the text's tokens, at least one
 */
export async function keyValues(checkpoint: Checkpoint, ids: readonly number[]): Promise<Float32Array> {
  requireOneStack(checkpoint, 'whose keys and values are asked for');
  const { config } = checkpoint;
  const feed = op.inputsByName();
  const parts: Tensor[] = [];
  const graph = modelGraph({
    ...{ config, weights: weightSource(checkpoint), feed, endRows: 1, maxPositions: ids.length },
    rows: { all: 'N', shared: undefined },
    observe: (_, keys, values) => parts.push(keys, values),
  });
  rowStates(embedWords(graph, feed('ids', ['N'], 'int64')), graph);
  const program = await compile({ keyValues: op.concat(parts, 1) });
  try {
    const text = { context: Int32Array.from(ids), candidates: [Int32Array.of(0)], target: undefined };
    const layout = layOutRows([text], { sharedRows: 0, only: 'all' });
    const { feeds, sizes } = attentionFeeds(layout, config, {
      visibility: visibilityOf(config),
      windows: attentionWindows(config),
    });
    const results = await program.run({ ...feeds, ids: BigInt64Array.from(ids, BigInt) }, { ...sizes });
    return results.keyValues!;
  } finally {
    await program.release();
  }
}
