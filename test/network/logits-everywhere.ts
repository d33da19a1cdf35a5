import * as op from '../../src/autodiff/build.js';
import { attentionFeeds } from '../../src/network/attention-indices.js';
import type { Checkpoint } from '../../src/network/checkpoint/checkpoint.js';
import { attentionWindows } from '../../src/network/checkpoint/config.js';
import { weightSource } from '../../src/network/checkpoint/weight-source.js';
import { familyOf } from '../../src/network/families/registry.js';
import {
  embedWords,
  endStates,
  modelGraph,
  visibilityOf,
  wordHead,
  wordLogits,
} from '../../src/network/frozen-network.js';
import { layOutRows, type RowLayout } from '../../src/network/row-layout.js';
import { sourceFeeds, sourceGraph } from '../../src/network/source.js';
import { compile } from '../../src/runtime/program.js';

/**
 * Logits [V] after every own token of every row of ids, in one batch.
 * @param sharedRows how many leading ids all rows share; their logits are not computed
 */
export async function logitsEverywhere(
  checkpoint: Checkpoint,
  rows: readonly (readonly number[])[],
  sharedRows: number,
): Promise<Float32Array[][]> {
  const { config } = checkpoint;
  if (familyOf(config).sees === 'source') return decoderLogits(checkpoint, rows);
  if (familyOf(config).sees === 'all') return logitsOf(checkpoint, wholeTexts(rows), rows.length);
  // all but the shared ids and one is the candidate, so that every own row predicts a scored token
  const batch = rows.map((ids) => ({
    context: Int32Array.from(ids.slice(0, sharedRows + 1)),
    candidates: [Int32Array.from([...ids.slice(sharedRows + 1), 0])],
    target: undefined,
  }));
  return logitsOf(checkpoint, layOutRows(batch, { sharedRows, only: 'all' }), rows.length);
}

/** Each row of ids as a text of its own, all of whose rows are wanted. */
function wholeTexts(rows: readonly (readonly number[])[]): RowLayout {
  let start = 0;
  const examples = rows.map((ids) => {
    const example = { start, predecessors: ids.map((_, t) => t - 1) };
    start += ids.length;
    return example;
  });
  return {
    sharedRows: 0,
    ids: Int32Array.from(rows.flat()),
    learned: new Int32Array(start).fill(-1),
    positions: Int32Array.from(rows.flatMap((ids) => ids.map((_, t) => t))),
    examples,
    scored: rows.flatMap((ids, example) =>
      ids.map((_, row) => ({ sequence: example, example, candidate: 0, row, token: 0, weight: 1 })),
    ),
  };
}

/** Logits after every token of the decoder, which reads the same row backwards behind its start, 0. */
async function decoderLogits(checkpoint: Checkpoint, rows: readonly (readonly number[])[]): Promise<Float32Array[][]> {
  const { config } = checkpoint;
  const batch = rows.map((ids) => ({
    context: Int32Array.from(ids),
    candidates: [Int32Array.from([...ids.toReversed(), 0])],
    target: undefined,
    decoderStart: Int32Array.of(0),
  }));
  const layout = layOutRows(batch, { sharedRows: 0, only: 'all' });
  const attention = attentionFeeds(layout, config, { visibility: visibilityOf(config), windows: [undefined] });
  const source = sourceFeeds(batch, layout, attention, config, 0);
  const feed = op.inputsByName();
  const weights = weightSource(checkpoint);
  const reading = sourceGraph({ config, weights, feed, endRows: 'R', learned: undefined, prompt: undefined });
  const graph = modelGraph({
    ...{ config, weights, feed, endRows: 'R', maxPositions: 64, source: reading.source },
    rows: { all: 'N', shared: undefined },
  });
  const logits = wordLogits(wordHead(endStates(embedWords(graph, feed('ids', ['N'], 'int64')), graph), graph));
  const program = await compile({ logits });
  const feeds = { ...attention.feeds, ...source.feeds, ids: BigInt64Array.from(layout.ids, BigInt) };
  const all = (await program.run(feeds, { ...attention.sizes, ...source.sizes })).logits!;
  await program.release();
  const V = config.vocabularySize;
  return rows.map((_, example) =>
    attention.scoredRows
      .filter((_, k) => layout.scored[k]!.example === example)
      .map((row) => all.subarray(row * V, (row + 1) * V)),
  );
}

async function logitsOf(checkpoint: Checkpoint, layout: RowLayout, examples: number): Promise<Float32Array[][]> {
  const { config } = checkpoint;
  const { sharedRows } = layout;
  const { feeds, sizes, scoredRows } = attentionFeeds(layout, config, {
    visibility: visibilityOf(config),
    windows: attentionWindows(config),
  });

  const feed = op.inputsByName();
  const graph = modelGraph({
    config,
    weights: weightSource(checkpoint),
    feed,
    rows: { all: 'N', shared: sharedRows > 0 ? 'L' : undefined },
    endRows: 'R',
    maxPositions: Math.max(...layout.positions) + 1,
  });
  const logits = wordLogits(wordHead(endStates(embedWords(graph, feed('ids', ['N'], 'int64')), graph), graph));

  const program = await compile({ logits });
  const all = (await program.run({ ...feeds, ids: BigInt64Array.from(layout.ids, BigInt) }, { ...sizes })).logits!;
  await program.release();
  const V = config.vocabularySize;
  return Array.from({ length: examples }, (_, example) =>
    scoredRows
      .filter((_, k) => layout.scored[k]!.example === example)
      .map((row) => all.subarray(row * V, (row + 1) * V)),
  );
}
