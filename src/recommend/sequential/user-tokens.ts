import * as op from '../../autodiff/build.js';
import type { Tensor } from '../../autodiff/tensor.js';
import { normalStart, type WeightSpecs } from '../../training/network-weights.js';
import type { EncoderGraph } from './encoder.js';

/** What the learned token of a user is made of, which stands in front of his history. */
export interface UserTokenShape {
  /** A, the groups of all attributes together; 0 for none. */
  readonly groups: number;
  /** Users with a vector of their own; 0 for none. */
  readonly ids: number;
  /** Inner width of a small network that makes the token of many attributes; 0: their vectors are added. */
  readonly generator: number;
}

/** The weights of `userTokens`. @param d the width of a row */
export function userTokenWeights({ groups, ids, generator }: UserTokenShape, d: number): WeightSpecs {
  const ofGroups: WeightSpecs =
    generator > 0
      ? {
          'users.groups.weight': normalStart(0.3, [groups, generator]),
          'users.generator.weight': normalStart(0.02, [generator, d]),
        }
      : { 'users.groups.weight': normalStart(0.02, [groups, d]) };
  return {
    'users.base.weight': normalStart(0.02, [1, d]),
    ...(groups > 0 ? ofGroups : {}),
    ...(ids > 0 ? { 'users.ids.weight': normalStart(0.02, [ids, d]) } : {}),
  };
}

/**
 * The tokens [B, d] of a batch's users: one vector for all, those of the groups that `userGroups` [B, A] marks, added or
 * mixed by the generator, and the user's own, which counts `userShares` [B, 1]. Of whom nothing is known has the first alone.
 */
export function userTokens(shape: UserTokenShape, { weight, feed }: Pick<EncoderGraph, 'weight' | 'feed'>): Tensor {
  const parts: Tensor[] = [];
  if (shape.groups > 0) {
    const sum = op.matmul(feed('userGroups', ['B', shape.groups]), weight('users.groups.weight'));
    parts.push(shape.generator > 0 ? op.matmul(op.gelu(sum), weight('users.generator.weight')) : sum);
  }
  if (shape.ids > 0) {
    const own = op.gather(weight('users.ids.weight'), feed('users', ['B'], 'int64'));
    parts.push(op.multiply(own, feed('userShares', ['B', 1])));
  }
  return op.add(parts.reduce(op.add), weight('users.base.weight'));
}

/** Rows [N, d] of items and users: `userRows` [N, B] marks whose user's token a row is, `isItem` [N, 1] is 0 there. */
export function withUserRows(items: Tensor, tokens: Tensor, feed: EncoderGraph['feed']): Tensor {
  return op.add(op.multiply(items, feed('isItem', ['N', 1])), op.matmul(feed('userRows', ['N', 'B']), tokens));
}
