import type { FrozenModel } from '../../src/network/load-model.js';
import { promptNetwork } from '../../src/network/prompt-network.js';
import { NOTHING } from '../../src/network/trainable.js';
import { END_OF_TEXT } from '../../src/pretraining/pretraining-text.js';

/** Ids of a window at most, the one that the first prediction starts from included. */
const WINDOW = 512;

/**
 * −log P of documents in nats, summed over all their tokens, each document by itself: the first token follows the
 * beginning-of-sequence or end-of-text mark; a long document is cut, and each piece starts from the last id before it.
 */
export async function documentNats(
  { checkpoint, tokenizer }: FrozenModel,
  documents: readonly string[],
): Promise<{ readonly nats: number; readonly tokens: number }> {
  const length = Math.min(WINDOW, checkpoint.config.maxPositions);
  const mark = tokenizer.bos ?? [...tokenizer.special].find((id) => tokenizer.describe(id) === END_OF_TEXT);
  if (mark === undefined) throw new Error(`${checkpoint.source} has no mark that a document could start from`);
  const network = promptNetwork(checkpoint, {
    ...{ loss: 'vocabulary', trainable: NOTHING, sharedRows: 0, maxPositions: length },
  });
  let [nats, tokens] = [0, 0];
  for (const document of documents) {
    const ids = [mark, ...tokenizer.encode(document)];
    const windows = [];
    for (let start = 0; start + 1 < ids.length; start += length - 1) {
      const window = Int32Array.from(ids.slice(start, start + length));
      windows.push({ context: window.subarray(0, 1), candidates: [window.subarray(1)], target: 0 });
    }
    // one after the other: with a large vocabulary the logits of one fill a hundred megabytes
    for (const window of windows) nats -= (await network.logits(new Float32Array(0), [window]))[0]!;
    tokens += ids.length - 1;
  }
  await network.release();
  return { nats, tokens };
}
