import * as op from '../../autodiff/build.js';
import { multiplySizes, type Size } from '../../autodiff/size.js';
import type { Tensor } from '../../autodiff/tensor.js';
import { type Attention, type AttentionLayer, capped } from '../attention.js';
import { type AttentionShape, maskName, type Visibility } from '../attention-shape.js';
import type { NetworkGraphOptions } from '../network-graph.js';

export interface MixedAttentionOptions {
  readonly shape: AttentionShape;
  readonly visibility: Exclude<Visibility, 'line'>;
  readonly feed: NetworkGraphOptions['feed'];
  /** R: end rows an example. */
  readonly endRows: Size;
  /** Whether each example has P keys and values of its own in front; a layer's come as `given` [B, KV, P, s]. */
  readonly fronts: boolean;
}

/**
 * Attention over packed rows where each example stands behind the front of its own prompt. N rows, B examples, T own rows of
 * the longest. `attentionFeeds` with examples first makes the inputs, and `frontMasks` what hides the padding of fronts.
 */
export function mixedAttention({ shape, visibility, feed, endRows: R, fronts }: MixedAttentionOptions): Attention {
  const { heads: H, keyValueHeads: KV, headSize: s } = shape;
  const G = H / KV;
  const own = multiplySizes(KV, 'B', 'T');
  const index = (name: string, size: Size) => feed(name, [size], 'int64');

  /** Queries [B, KV, rows·G, s], own keys and values [B, KV, T, s] → [B, KV, rows·G, s] */
  const attend = (queries: Tensor, keys: Tensor, values: Tensor, which: 'Own' | 'End', layer: AttentionLayer) => {
    const { window, given, scale = 1 / Math.sqrt(s), cap } = layer;
    const queryRows = multiplySizes(which === 'Own' ? 'T' : R, G);
    const product = (to: Tensor) => capped(op.matmul(queries, to, { transposeB: true, scale }), cap);
    const maskRows = visibility === 'all' ? 1 : queryRows;
    const toOwn = op.add(product(keys), feed(maskName(`mask${which}`, window), ['B', 1, maskRows, 'T']));
    if (!fronts) return op.matmul(op.softmax(toOwn), values);
    const frontRows = window === undefined ? 1 : queryRows;
    const hidden = feed(maskName(`maskFront${which}`, window), ['B', 1, frontRows, 'P']);
    const toFront = op.add(product(given!.keys), hidden);
    const [frontShares, ownShares] = op.split(op.softmax(op.concat([toFront, toOwn], 3)), 3, ['P', 'T']);
    return op.add(op.matmul(frontShares!, given!.values), op.matmul(ownShares!, values));
  };
  const spread = (x: Tensor) => {
    const heads = multiplySizes('N', KV);
    const [found] = op.regroup([op.reshape(x, [heads, s])], [index('valueOwn', own)], [index('valueInverse', heads)], {
      ...{ padded: false, inversePadded: false },
    });
    return op.reshape(found!, ['B', KV, 'T', s]);
  };

  return {
    allRows: (queriesAndKeys, values, layer = {}) => {
      if (layer.observe) layer.observe(op.split(queriesAndKeys, 1, [H * s, KV * s])[1]!, values);
      const rotated = multiplySizes('N', H + KV);
      const [queries, keys] = op.regroup(
        [op.reshape(queriesAndKeys, [rotated, s])],
        [index('queryOwn', multiplySizes(own, G)), index('keyOwn', own)],
        [index('queryKeyInverse', rotated)],
        { padded: false, inversePadded: false },
      );
      const attended = attend(
        op.reshape(queries!, ['B', KV, multiplySizes('T', G), s]),
        op.reshape(keys!, ['B', KV, 'T', s]),
        spread(values),
        'Own',
        layer,
      );
      const [byRow] = op.regroup(
        [op.reshape(attended, [multiplySizes(own, G), s])],
        [index('attended', multiplySizes('N', H))],
        [index('attendedOwnInverse', multiplySizes(own, G))],
        { padded: false, inversePadded: true },
      );
      return op.reshape(byRow!, ['N', H * s]);
    },
    endRows: (queries, keys, values, layer = {}) => {
      const byHead = op.transpose(op.reshape(queries, ['B', R, KV, G, s]), [0, 2, 1, 3, 4]);
      const attended = attend(
        op.reshape(byHead, ['B', KV, multiplySizes(R, G), s]),
        spread(keys),
        spread(values),
        'End',
        layer,
      );
      const byRow = op.transpose(op.reshape(attended, ['B', KV, R, G, s]), [0, 2, 1, 3, 4]);
      return op.reshape(byRow, [multiplySizes('B', R), H * s]);
    },
  };
}
