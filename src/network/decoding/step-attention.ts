import * as op from '../../autodiff/build.js';
import { multiplySizes, type Size } from '../../autodiff/size.js';
import type { Tensor } from '../../autodiff/tensor.js';
import { SoftpromptError } from '../../errors.js';
import { type Attention, type AttentionLayer, capped } from '../attention.js';
import { type AttentionShape, maskName } from '../attention-shape.js';
import type { NetworkGraphOptions } from '../network-graph.js';

export interface StepAttentionOptions {
  readonly shape: AttentionShape;
  readonly feed: NetworkGraphOptions['feed'];
  /** Rows that each stream adds: 1, or a symbol for several. */
  readonly rows: Size;
  /** How many keys and values there are before; 0 for none. A layer's come as `given` [B, KV, past, s]. */
  readonly past: Size;
}

/**
 * Attention of decoding: B streams, each of which adds as many rows to what it has. Rows [B·rows, …], stream by stream. A row
 * sees its stream's past (`maskPast`) and its own rows up to itself (`maskOwn`, where there are several).
 */
export function stepAttention({ shape, feed, rows: R, past: P }: StepAttentionOptions): Attention {
  const { heads: H, keyValueHeads: KV, headSize: s } = shape;
  const G = H / KV;
  const queryRows = multiplySizes(R, G);
  /** [B·R, heads·s] → [B, heads, R, s] */
  const byHead = (x: Tensor) => {
    if (R === 1) return op.reshape(x, ['B', KV, 1, s]);
    return op.transpose(op.reshape(x, ['B', R, KV, s]), [0, 2, 1, 3]);
  };

  const allRows: Attention['allRows'] = (queriesAndKeys, values, layer = {}) => {
    const { window, given, scale = 1 / Math.sqrt(s), cap, observe } = checked(layer);
    const [queries, keys] = op.split(queriesAndKeys, 1, [H * s, KV * s]);
    observe?.(keys!, values);
    const [ownKeys, ownValues] = [byHead(keys!), byHead(values)];
    const grouped =
      R === 1
        ? op.reshape(queries!, ['B', KV, G, s])
        : op.reshape(op.transpose(op.reshape(queries!, ['B', R, KV, G, s]), [0, 2, 1, 3, 4]), ['B', KV, queryRows, s]);
    const product = capped(op.matmul(grouped, ownKeys, { transposeB: true, scale }), cap);
    const own = R === 1 ? product : op.add(product, feed(maskName('maskOwn', window), [queryRows, R]));
    let attended: Tensor;
    if (given === undefined) {
      attended = op.matmul(op.softmax(own), ownValues);
    } else {
      const mask = feed(maskName('maskPast', window), ['B', 1, window === undefined ? 1 : queryRows, P]);
      const before = op.add(capped(op.matmul(grouped, given.keys, { transposeB: true, scale }), cap), mask);
      const [toPast, toOwn] = op.split(op.softmax(op.concat([before, own], 3)), 3, [P, R]);
      attended = op.add(op.matmul(toPast!, given.values), op.matmul(toOwn!, ownValues));
    }
    if (R === 1) return op.reshape(attended, ['B', H * s]);
    const byRow = op.transpose(op.reshape(attended, ['B', KV, R, G, s]), [0, 2, 1, 3, 4]);
    return op.reshape(byRow, [multiplySizes('B', R), H * s]);
  };
  return {
    allRows,
    endRows: () => {
      throw new RangeError('decoding computes all rows of a layer');
    },
  };
}

/** What a layer asks for that decoding can do. */
function checked(layer: AttentionLayer): AttentionLayer {
  if (layer.bias === undefined) return layer;
  throw new SoftpromptError('MODEL_UNSUPPORTED', {
    found: 'a model whose attention has a bias by position',
    expected: 'positions that are rotated or embedded, to generate with',
    fix: 'Use another model to generate texts.',
  });
}
