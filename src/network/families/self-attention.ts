import * as op from '../../autodiff/build.js';
import type { Tensor } from '../../autodiff/tensor.js';
import type { AttentionLayer } from '../attention.js';
import type { ModelConfig } from '../checkpoint/config.js';
import type { NetworkGraph } from '../network-graph.js';

/** How a family's layer makes queries, keys and values of what enters its attention, h [rows, d]. */
export interface Projections {
  /** Queries and keys side by side [rows, (H+KV)·s], and values [rows, KV·s]. */
  all(h: Tensor): readonly [Tensor, Tensor];
  /** Each alone, where that is cheaper for end rows: they need no queries of other rows. */
  readonly each?: { queries(h: Tensor): Tensor; keys(h: Tensor): Tensor; values(h: Tensor): Tensor };
  /** Rotates heads [rows, heads·s] by the rows' positions, where the family has rotary positions. */
  rotate?(x: Tensor, rows: 'all' | 'ends', heads: number): Tensor;
}

/**
 * Self-attention of one layer, for all rows or for the end rows alone: x [N, d] → what the heads bring [rows, H·s], and
 * the rows of x that they belong to.
 * @param enter what stands before the projections, such as a norm; rows by rows
 */
export function selfAttention<C extends ModelConfig>(
  x: Tensor,
  rows: 'all' | 'ends',
  graph: NetworkGraph<C>,
  layer: AttentionLayer,
  enter: (x: Tensor) => Tensor,
  { all, each, rotate = (x) => x }: Projections,
): { readonly attended: Tensor; readonly residual: Tensor } {
  const { heads: H, keyValueHeads: KV, headSize: s } = graph.config;
  if (rows === 'all') {
    const [queriesAndKeys, values] = all(enter(x));
    return {
      attended: graph.attention.allRows(rotate(queriesAndKeys, 'all', H + KV), values, layer),
      residual: x,
    };
  }
  const h = enter(x);
  const residual = graph.ends(x);
  if (each !== undefined) {
    const keys = rotate(each.keys(h), 'all', KV);
    const values = each.values(h);
    const queries = rotate(each.queries(enter(residual)), 'ends', H);
    return { attended: graph.attention.endRows(queries, keys, values, layer), residual };
  }
  const [queriesAndKeys, values] = all(h);
  const [queries, keys] = op.split(queriesAndKeys, 1, [H * s, KV * s]);
  const rotated = rotate(graph.ends(queries!), 'ends', H);
  return { attended: graph.attention.endRows(rotated, rotate(keys!, 'all', KV), values, layer), residual };
}
