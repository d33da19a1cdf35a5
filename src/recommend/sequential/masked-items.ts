import * as op from '../../autodiff/build.js';
import type { Tensor } from '../../autodiff/tensor.js';
import type { Random } from '../../random.js';
import { normalStart, type WeightSpecs } from '../../training/network-weights.js';
import type { EncoderGraph, SequenceEncoder } from './encoder.js';
import { type PackedSequences, packSequences } from './packed-sequences.js';

const MASK = 'mask.weight';

/** Of so many windows only the last item is masked, as a history asks for the next (Sun et al. 2019, section 3.6). */
const ONLY_LAST = 0.2;

/** The vector that stands where an item is to be told. */
export const maskWeights = (width: number): WeightSpecs => ({ [MASK]: normalStart(0.02, [1, width]) });

/** Rows [N, d] of items, those that `isMasked` [N, 1] marks replaced by the mask's vector; `isItem` [N, 1] is 0 there. */
export function withMasks(items: Tensor, { weight, feed }: Pick<EncoderGraph, 'weight' | 'feed'>): Tensor {
  const known = op.multiply(items, feed('isItem', ['N', 1]));
  return op.add(known, op.matmul(feed('isMasked', ['N', 1]), weight(MASK)));
}

/** Packed sequences of which some rows are masked. */
type MaskedSequences = PackedSequences & { readonly sizes: { readonly M: number } };

/**
 * Packs windows of which some items are masked, drawn for each anew: a share `rate` of them and at least one, or the last
 * alone. `scoredRows` [M] are the masked rows, `targets` [M] what stood there.
 */
export function packMaskedTraining(
  windows: readonly Int32Array[],
  encoder: Pick<SequenceEncoder, 'feeds'>,
  rate: number,
  random: Random,
): MaskedSequences & { readonly feeds: { readonly targets: BigInt64Array } } {
  const masked = windows.map((window) => drawMasked(window.length, rate, random));
  const packed = packWithMasks(windows, encoder, masked);
  const targets = windows.flatMap((window, b) => masked[b]!.map((place) => BigInt(window[place]!)));
  return { ...packed, feeds: { ...packed.feeds, targets: BigInt64Array.from(targets) } };
}

/** Packs histories with a mask behind each, which asks what comes there. */
export function packAsking(histories: readonly Int32Array[], encoder: Pick<SequenceEncoder, 'feeds'>): MaskedSequences {
  const asking = histories.map((history) => Int32Array.of(...history, 0));
  return packWithMasks(
    asking,
    encoder,
    asking.map(({ length }) => [length - 1]),
  );
}

function packWithMasks(
  sequences: readonly Int32Array[],
  encoder: Pick<SequenceEncoder, 'feeds'>,
  masked: readonly (readonly number[])[],
): MaskedSequences {
  const { feeds, sizes } = packSequences(sequences, encoder);
  const isMasked = new Float32Array(sizes.N);
  const scored: number[] = [];
  let first = 0;
  sequences.forEach(({ length }, b) => {
    for (const place of masked[b]!) scored.push(first + place);
    first += length;
  });
  for (const row of scored) isMasked[row] = 1;
  const ofMasks = { isMasked, isItem: isMasked.map((is) => 1 - is), scoredRows: BigInt64Array.from(scored, BigInt) };
  return { feeds: { ...feeds, ...ofMasks }, sizes: { ...sizes, M: scored.length } };
}

/** Places of a window, ascending. */
function drawMasked(length: number, rate: number, random: Random): number[] {
  if (random.uniform() < ONLY_LAST) return [length - 1];
  const drawn = Array.from({ length }, (_, place) => place).filter(() => random.uniform() < rate);
  return drawn.length > 0 ? drawn : [random.integer(length)];
}
