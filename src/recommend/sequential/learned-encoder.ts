import * as op from '../../autodiff/build.js';
import type { Tensor } from '../../autodiff/tensor.js';
import { attentionGraph } from '../../network/attention.js';
import { attentionFeeds } from '../../network/attention-indices.js';
import type { AttentionShape } from '../../network/attention-shape.js';
import { packedLines } from '../../network/prompted-layers.js';
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

export function learnedEncoderWeights({ width: d, layers, maxLength, masked }: EncoderShape): WeightSpecs {
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
    'positions.weight': normalStart(0.02, [maxLength + (masked ? 1 : 0), d]),
    ...Object.assign({}, ...Array.from({ length: layers }, (_, i) => layer(`layer${i}`))),
    ...norm('norm'),
  };
}

/**
 * A transformer over packed sequences, normed before each part (the blocks of Kang & McAuley 2018, section III-B, with GELU
 * and four times the width inside): causal, or both ways where items are masked.
 */
export function learnedEncoder(shape: EncoderShape): SequenceEncoder {
  const rows = (items: Tensor, graph: EncoderGraph) => encodeRows(items, shape, graph);
  return {
    rows,
    lastRows: (items, graph) => op.gather(rows(items, graph), graph.feed('lastRows', ['B'], 'int64')),
    feeds: (lengths) => learnedAttentionFeeds(lengths, shape),
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

/** Self-attention: queries, keys and values side by side [N, 3d] → [N, d]. */
function attend(projected: Tensor, shape: EncoderShape, { feed, drop }: EncoderGraph, dropout: string): Tensor {
  const { width } = shape;
  const [queriesAndKeys, values] = op.split(projected, 1, [2 * width, width]);
  const attention = attentionGraph({
    shape: attentionShape(shape),
    ...{ ...seenBy(shape), feed, endRows: 1 },
    rows: { all: 'N', shared: undefined },
  });
  return attention.allRows(queriesAndKeys!, values!, { drop: (shares) => drop(shares, dropout) });
}

const attentionShape = ({ width, heads }: EncoderShape): AttentionShape => ({
  heads,
  keyValueHeads: heads,
  headSize: width / heads,
});

/** Which rows see which, and the order of attention's blocks. */
const seenBy = ({ masked }: EncoderShape) =>
  masked ? ({ visibility: 'all', order: 'heads' } as const) : ({ visibility: 'line', order: 'examples' } as const);

/** What attention needs to know of a batch, all of whose rows are wanted. @param lengths rows of each of the B sequences */
export function learnedAttentionFeeds(lengths: readonly number[], shape: EncoderShape): Readonly<Record<string, Feed>> {
  const { feeds } = attentionFeeds(packedLines(lengths), attentionShape(shape), seenBy(shape));
  // positions are the encoder's own: a user's row in front has none
  const { positions, endRows, endPositions, endInverse, maskEnd, ...needed } = feeds;
  return needed;
}
