import * as op from '../autodiff/build.js';
import { multiplySizes, type Size } from '../autodiff/size.js';
import type { Tensor } from '../autodiff/tensor.js';

export interface FoldedAttention {
  /** H */
  readonly heads: number;
  /** s */
  readonly headSize: number;
  /** X: queries an example. */
  readonly queryRows: Size;
  /** Of B examples, heads first: [H, B, X, s]. */
  readonly queries: Tensor;
  /** What keys and values would be made of, U rows an example: [B, U, d]. */
  readonly states: Tensor;
  readonly width: number;
  /** [H·s, d] each. */
  readonly weights: readonly [keys: Tensor, values: Tensor];
  /** [B, 1, U] */
  readonly mask: Tensor;
  readonly scale: number;
}

/**
 * Attention of few queries to many rows without the rows' keys and values: q·(x·Kᵀ)ᵀ is (q·K)·xᵀ, and a·(x·Vᵀ) is (a·x)·Vᵀ, head by
 * head, so that the weights meet X rows an example and not U. The sums are the same in another order.
 * @returns [H, B, X, s]
 */
export function foldedAttention(given: FoldedAttention): Tensor {
  const { heads: H, headSize: s, queryRows: X, queries, states, width: d, mask, scale } = given;
  const [keys, values] = given.weights.map((weight) => op.reshape(weight, [H, s, d]));
  const ofHead = multiplySizes('B', X);
  const ofExample = multiplySizes(H, X);
  const asked = op.reshape(op.matmul(op.reshape(queries, [H, ofHead, s]), keys!), [H, 'B', X, d]);
  const byExample = op.reshape(op.transpose(asked, [1, 0, 2, 3]), ['B', ofExample, d]);
  const scores = op.add(op.matmul(byExample, states, { transposeB: true, scale }), mask);
  const mixed = op.reshape(op.matmul(op.softmax(scores), states), ['B', H, X, d]);
  const byHead = op.reshape(op.transpose(mixed, [1, 0, 2, 3]), [H, ofHead, d]);
  return op.reshape(op.matmul(byHead, values!, { transposeB: true }), [H, 'B', X, s]);
}
