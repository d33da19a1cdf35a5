import * as op from '../../autodiff/build.js';
import { multiplySizes, type Size } from '../../autodiff/size.js';
import type { Tensor } from '../../autodiff/tensor.js';
import { type Attention, capped } from '../attention.js';
import { type AttentionShape, maskName } from '../attention-shape.js';
import type { NetworkGraphOptions } from '../network-graph.js';

export interface StepAttentionOptions {
  readonly shape: AttentionShape;
  readonly feed: NetworkGraphOptions['feed'];
  /** Rows that each stream adds: 1, or a symbol for several. */
  readonly rows: Size;
  /** How many keys and values there are before; 0 for none. A layer's come as `given` [B, KV, past, s], for one row [B, KV, 1, past, s]. */
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
  /** Scores' axes before queries and keys: one product a query where each stream adds one row, for which kernels are quicker. */
  const [blocks, rowsOfBlock] = R === 1 ? ([['B', KV, G], 1] as const) : ([['B', KV], queryRows] as const);
  const last = blocks.length + 1;
  /** [B·R, KV·s] → [B, KV, R, s], as all queries of their group see them */
  const byHead = (x: Tensor) =>
    R === 1 ? op.reshape(x, ['B', KV, 1, 1, s]) : op.transpose(op.reshape(x, ['B', R, KV, s]), [0, 2, 1, 3]);
  /** [B·R, H·s] → [blocks, rows, s] and back */
  const grouped = (x: Tensor) => {
    const ordered = R === 1 ? x : op.transpose(op.reshape(x, ['B', R, KV, G, s]), [0, 2, 1, 3, 4]);
    return op.reshape(ordered, [...blocks, rowsOfBlock, s]);
  };
  const byRow = (x: Tensor) => {
    const ordered = R === 1 ? x : op.transpose(op.reshape(x, ['B', KV, R, G, s]), [0, 2, 1, 3, 4]);
    return op.reshape(ordered, [multiplySizes('B', R), H * s]);
  };
  const pastMask = (window: number | undefined) => {
    const each = window === undefined ? 1 : queryRows;
    return feed(maskName('maskPast', window), R === 1 ? ['B', 1, each, 1, P] : ['B', 1, each, P]);
  };

  const allRows: Attention['allRows'] = (queriesAndKeys, values, layer = {}) => {
    const { window, given, scale = 1 / Math.sqrt(s), cap, observe, bias } = layer;
    const [q, keys] = op.split(queriesAndKeys, 1, [H * s, KV * s]);
    observe?.(keys!, values);
    // one row's product is quickest where it has no factor of its own; a vector, since a single number would be joined to the product again
    const factor = R === 1 && scale !== 1 ? op.constant(new Float32Array(s).fill(scale), [s]) : undefined;
    const queries = factor === undefined ? grouped(q!) : op.multiply(grouped(q!), factor);
    const options = { transposeB: true, ...(R !== 1 && { scale }) };
    const biased = (scores: Tensor, rows: 'Own' | 'Past', B: Size, keys: Size) => {
      if (bias === undefined) return scores;
      const added = bias(rows, [B, R, keys], 'examples');
      return op.add(scores, R === 1 ? op.reshape(added, [B, KV, G, 1, keys]) : added);
    };
    const [ownKeys, ownValues] = [byHead(keys!), byHead(values)];
    const product = capped(op.matmul(queries, ownKeys, options), cap);
    const masked = R === 1 ? product : op.add(product, feed(maskName('maskOwn', window), [queryRows, R]));
    const own = biased(masked, 'Own', 1, R);
    if (given === undefined) return byRow(op.matmul(op.softmax(own), ownValues));
    const seen = op.add(capped(op.matmul(queries, given.keys, options), cap), pastMask(window));
    const before = biased(seen, 'Past', 'B', P);
    const [toPast, toOwn] = op.split(op.softmax(op.concat([before, own], last)), last, [P, R]);
    return byRow(op.add(op.matmul(toPast!, given.values), op.matmul(toOwn!, ownValues)));
  };
  return {
    allRows,
    endRows: () => {
      throw new RangeError('decoding computes all rows of a layer');
    },
  };
}
