import * as op from '../../autodiff/build.js';
import { multiplySizes, type Shape } from '../../autodiff/size.js';
import type { ElementType, Tensor } from '../../autodiff/tensor.js';
import { constantStart, fanInStart, normalStart, type WeightSpecs, xavierStart } from '../../tuning/network-weights.js';

export interface EncoderShape {
  /** d, a multiple of the heads. */
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Items of a history that are looked at, the last ones. */
  readonly maxLength: number;
}

export interface EncoderGraph {
  /** A weight by name, one of `encoderWeights`. */
  readonly weight: (name: string) => Tensor;
  /** An input by name; see `packSequences` for what they hold. */
  readonly feed: (name: string, shape: Shape, type?: ElementType) => Tensor;
  /** x with dropout, or x itself; the name says where. */
  readonly drop: (x: Tensor, name: string) => Tensor;
}

const EPSILON = 1e-5;

/** The weights of `encodeSequences`. Matrices are [out, in]. */
export function encoderWeights({ width: d, layers, maxLength }: EncoderShape): WeightSpecs {
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
 * with GELU and four times the width inside): item vectors [N, d] → what each row knows of its sequence so far, [N, d].
 */
export function encodeSequences(items: Tensor, shape: EncoderShape, graph: EncoderGraph): Tensor {
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
