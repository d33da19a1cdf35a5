import { Random } from '../random.js';

/** How far, in tokens, lengths may be out of order: similar lengths meet, but not always the same examples. */
const LENGTH_JITTER = 8;

/**
 * The batches of one epoch, as indices: examples of similar length together (attention pads to the longest of a batch),
 * batches in random order. The same seed and epoch give the same batches, so a resumed run needs no memory of them. The
 * last batch may be smaller.
 * @param lengths one an example, in tokens
 */
export function epochBatches(lengths: readonly number[], batchSize: number, seed: number, epoch: number): number[][] {
  const random = new Random(Math.imul(seed, 1_000_003) + epoch);
  const order = random.shuffle(lengths.map((_, i) => i));
  const key = lengths.map((length) => length + random.uniform() * LENGTH_JITTER);
  order.sort((a, b) => key[a]! - key[b]!);
  const batches: number[][] = [];
  for (let i = 0; i < order.length; i += batchSize) batches.push(order.slice(i, i + batchSize));
  return random.shuffle(batches);
}
