import * as op from '../../src/autodiff/build.js';
import { compile } from '../../src/autodiff/program.js';
import { attentionFeeds } from '../../src/model/attention-indices.js';
import type { Checkpoint } from '../../src/model/checkpoint.js';
import { llamaHiddenStates } from '../../src/model/llama.js';
import { rotaryTables } from '../../src/model/rope.js';
import { layOutRows } from '../../src/model/row-layout.js';
import { weightSource } from '../../src/model/weight-source.js';

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
  // all but the shared ids and one is the candidate, so that every own row predicts a scored token
  const batch = rows.map((ids) => ({
    context: Int32Array.from(ids.slice(0, sharedRows + 1)),
    candidates: [Int32Array.from([...ids.slice(sharedRows + 1), 0])],
    target: undefined,
  }));
  const layout = layOutRows(batch, sharedRows, 'all');
  const { feeds, sizes, scoredRows } = attentionFeeds(layout, config);

  const weights = weightSource(checkpoint);
  const feed = op.inputsByName();
  const tables = rotaryTables(config.rope, config.headSize, config.maxPositions);
  const shape = [config.maxPositions, config.headSize / 2];
  const rotary = { cosine: op.constant(tables.cosine, shape), sine: op.constant(tables.sine, shape) };
  const table = weights.get('model.embed_tokens.weight');
  const hidden = llamaHiddenStates(op.gather(table, feed('ids', ['N'], 'int64')), {
    config,
    weights,
    feed,
    shared: sharedRows > 0,
    endRows: 'R',
    rotary,
  });
  const logits = op.linear(hidden, config.tiedEmbeddings ? table : weights.get('lm_head.weight'));

  const program = await compile({ logits });
  const all = (await program.run({ ...feeds, ids: BigInt64Array.from(layout.ids, BigInt) }, { ...sizes })).logits!;
  await program.release();
  const V = config.vocabularySize;
  return rows.map((_, example) =>
    scoredRows
      .filter((_, k) => layout.scored[k]!.example === example)
      .map((row) => all.subarray(row * V, (row + 1) * V)),
  );
}
