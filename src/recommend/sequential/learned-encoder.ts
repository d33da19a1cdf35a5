import * as op from '../../autodiff/build.js';
import { multiplySizes } from '../../autodiff/size.js';
import type { Tensor } from '../../autodiff/tensor.js';
import type { Feed } from '../../runtime/program.js';
import {
  constantStart,
  fanInStart,
  normalStart,
  type WeightSpecs,
  xavierStart,
} from '../../training/network-weights.js';
import type { EncoderGraph, EncoderShape, SequenceEncoder } from './encoder.js';

const EPSILON = 1e-5;

export function learnedEncoderWeights({ width: d, layers, maxLength }: EncoderShape): WeightSpecs {
  const norm = (name: string): WeightSpecs => ({
    [`${name}.weight`]: constantStart(1, [d]),
    [`${name}.bias`]: constantStart(0, [d]),
  });
  const layer = (name: string): WeightSpecs => ({
    ...norm(`${name}.norm1`),
    [`${name}.attention.in.weight`]: xavierStart(3 * d, d),
    [`${name}.attention.in.bias`]: constantStart(0, [3 * d]),
    [`${name}.attention.out.weight`]: fanInStart(d, d),
    [`${name}.attention.out.bias`]: constantStart(0, [d]),
    ...norm(`${name}.norm2`),
    [`${name}.up.weight`]: fanInStart(4 * d, d),
    [`${name}.up.bias`]: constantStart(0, [4 * d]),
    [`${name}.down.weight`]: fanInStart(d, 4 * d),
    [`${name}.down.bias`]: constantStart(0, [d]),
  });
  return {
    'positions.weight': normalStart(0.02, [maxLength, d]),
    ...Object.assign({}, ...Array.from({ length: layers }, (_, i) => layer(`layer${i}`))),
    ...norm('norm'),
  };
}

/**
 * A causal transformer over packed sequences, normed before each part (the blocks of Kang & McAuley 2018, section III-B,
 * with GELU and four times the width inside).
 */
export function learnedEncoder(shape: EncoderShape): SequenceEncoder {
  const rows = (items: Tensor, graph: EncoderGraph) => encodeRows(items, shape, graph);
  return {
    rows,
    lastRows: (items, graph) => op.gather(rows(items, graph), graph.feed('lastRows', ['B'], 'int64')),
    feeds: (lengths) => learnedAttentionFeeds(lengths, shape.heads),
    rowsAtOnce: Number.POSITIVE_INFINITY,
    packWeights: false,
  };
}

function encodeRows(items: Tensor, shape: EncoderShape, graph: EncoderGraph): Tensor {
  const { weight, feed, drop } = graph;
  const norm = (x: Tensor, name: string) => op.layerNorm(x, weight(`${name}.weight`), weight(`${name}.bias`), EPSILON);
  const linear = (x: Tensor, name: string) => op.add(op.linear(x, weight(`${name}.weight`)), weight(`${name}.bias`));

  const positions = op.gather(weight('positions.weight'), feed('positions', ['N'], 'int64'));
  let x = drop(op.add(items, positions), 'embedding dropout');
  for (let i = 0; i < shape.layers; i++) {
    const layer = `layer${i}`;
    const projected = linear(norm(x, `${layer}.norm1`), `${layer}.attention.in`); // [N, 3d]
    const attended = attend(projected, shape, graph, `${layer} attention dropout`); // [N, d]
    x = op.add(x, drop(linear(attended, `${layer}.attention.out`), `${layer} mixed dropout`));
    const inner = op.gelu(linear(norm(x, `${layer}.norm2`), `${layer}.up`)); // [N, 4d]
    const outer = linear(drop(inner, `${layer} inner dropout`), `${layer}.down`); // [N, d]
    x = op.add(x, drop(outer, `${layer} outer dropout`));
  }
  return norm(x, 'norm');
}

/** Causal self-attention: queries, keys and values side by side [N, 3d] → [N, d]. */
function attend(projected: Tensor, { width, heads: H }: EncoderShape, graph: EncoderGraph, dropout: string): Tensor {
  const { feed, drop } = graph;
  const s = width / H;
  const blocks = multiplySizes('B', 'T', H);
  const index = (name: string, size = blocks) => feed(name, [size], 'int64');
  const [queries, keys, values] = op
    .regroup(
      [op.reshape(projected, [multiplySizes('N', 3 * H), s])],
      [index('queries'), index('keys'), index('values')],
      [index('projectedInverse', multiplySizes('N', 3 * H))],
      { padded: false, inversePadded: false },
    )
    .map((rows) => op.reshape(rows, ['B', H, 'T', s]));
  const scores = op.matmul(queries!, keys!, { transposeB: true, scale: 1 / Math.sqrt(s) }); // [B, H, T, T]
  const shares = drop(op.softmax(op.add(scores, feed('causalMask', ['T', 'T']))), dropout);
  const [attended] = op.regroup(
    [op.reshape(op.matmul(shares, values!), [blocks, s])],
    [index('attended', multiplySizes('N', H))],
    [index('attendedInverse')],
    { padded: false, inversePadded: true },
  );
  return op.reshape(attended!, ['N', width]);
}

/**
 * Attention alone needs blocks [B, heads, T]; the indices name which head of which row stands where. The end of a shorter
 * sequence's block repeats its last row: a causal mask hides it from all rows that are read.
 * @param lengths rows of each of the B sequences
 */
export function learnedAttentionFeeds(lengths: readonly number[], heads: number): Readonly<Record<string, Feed>> {
  const B = lengths.length;
  const T = lengths.reduce((longest, length) => Math.max(longest, length), 0);
  const N = lengths.reduce((sum, length) => sum + length, 0);
  const blocks = B * heads * T;
  // queries, keys and values lie side by side in a row of the projection: part p, head h of row n is 3·heads·n + p·heads + h
  const projected = [new BigInt64Array(blocks), new BigInt64Array(blocks), new BigInt64Array(blocks)];
  const projectedInverse = new BigInt64Array(3 * heads * N);
  const attended = new BigInt64Array(heads * N);
  const attendedInverse = new BigInt64Array(blocks).fill(-1n);
  let first = 0;
  lengths.forEach((length, b) => {
    for (let t = 0; t < T; t++) {
      const row = first + Math.min(t, length - 1);
      for (let h = 0; h < heads; h++) {
        const place = (b * heads + h) * T + t;
        for (let p = 0; p < 3; p++) {
          const source = (3 * row + p) * heads + h;
          projected[p]![place] = BigInt(source);
          if (t < length) projectedInverse[source] = BigInt(p * blocks + place);
        }
        if (t >= length) continue;
        attended[row * heads + h] = BigInt(place);
        attendedInverse[place] = BigInt(row * heads + h);
      }
    }
    first += length;
  });
  const causalMask = new Float32Array(T * T);
  for (let t = 0; t < T; t++) causalMask.fill(-1e9, t * T + t + 1, (t + 1) * T);
  const [queries, keys, values] = projected as [BigInt64Array, BigInt64Array, BigInt64Array];
  return { queries, keys, values, projectedInverse, attended, attendedInverse, causalMask };
}
