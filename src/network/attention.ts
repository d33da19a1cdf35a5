import * as op from '../autodiff/build.js';
import type { ElementType } from '../autodiff/operation-attributes.js';
import { addSizes, multiplySizes, type Shape, type Size } from '../autodiff/size.js';
import type { Tensor } from '../autodiff/tensor.js';
import { type AttentionShape, type BlockOrder, maskName, type Visibility } from './attention-shape.js';

export interface AttentionGraphOptions {
  readonly shape: AttentionShape;
  readonly visibility: Visibility;
  /** The network's inputs by name; `attentionFeeds` makes what they hold. */
  readonly feed: (name: string, shape: Shape, type?: ElementType) => Tensor;
  /** N, all rows, T, own rows of the longest example (default: the symbol T), and L, the leading ones that all examples share (`computed` leading keys); undefined for none. */
  readonly rows: { readonly all: Size; readonly shared: Size | undefined; readonly own?: Size };
  /** R: end rows an example. */
  readonly endRows: Size;
  /** Default: heads first; examples first asks that nothing leads and that all rows are wanted. */
  readonly order?: BlockOrder;
  /** P: keys and values in front of all rows that no row computes (`given` leading keys); 0 for none. */
  readonly given?: number;
}

/** What may differ from layer to layer. */
export interface AttentionLayer {
  /** A row sees no further back than this many positions; undefined: all. */
  readonly window?: number | undefined;
  /** The given keys and values [KV, P, s]: those of a learned prefix or of a cache. */
  readonly given?: { readonly keys: Tensor; readonly values: Tensor } | undefined;
  /**
   * Added to the scores of queries by keys, such as relative positions, where each key head has one query head: [H, B, queries, keys], or
   * with examples first [B, H, queries, keys]. `Own`: own rows by own rows; `End`: end rows by own rows; `Past`: own rows by what a
   * stream has.
   */
  readonly bias?:
    | ((
        rows: 'Own' | 'End' | 'Past',
        sizes: readonly [B: Size, queries: Size, keys: Size],
        order: BlockOrder,
      ) => Tensor)
    | undefined;
  /** Applied to the shares before they weigh the values, such as dropout. */
  readonly drop?: ((shares: Tensor) => Tensor) | undefined;
  /** What products of queries and keys are multiplied with; default 1/√s. */
  readonly scale?: number | undefined;
  /** Scores stay below it: cap·tanh(score/cap), before bias and mask (Gemma 2). */
  readonly cap?: number | undefined;
  /** Is told the keys and values [N, KV·s] of all rows. */
  readonly observe?: ((keys: Tensor, values: Tensor) => void) | undefined;
}

/**
 * Attention over packed rows (see `attentionFeeds` for the blocks behind it). Sizes: N rows, B examples, T own rows of the
 * longest, L shared rows, P given ones, R end rows an example.
 */
export interface Attention {
  /** Queries and keys side by side [N, (H+KV)·s] and values [N, KV·s] of all rows → [N, H·s]. */
  allRows(queriesAndKeys: Tensor, values: Tensor, layer?: AttentionLayer): Tensor;
  /** Queries of the end rows [B·R, H·s], keys and values [N, KV·s] of all rows → [B·R, H·s]. */
  endRows(queries: Tensor, keys: Tensor, values: Tensor, layer?: AttentionLayer): Tensor;
}

/** Keys or values by whose they are: [KV·B·T, s] of own rows, [KV, P+L, s] of leading ones. */
interface Spread {
  readonly own: Tensor;
  readonly leading: Tensor | undefined;
}

export function attentionGraph(options: AttentionGraphOptions): Attention {
  const { shape, feed, rows, endRows: R, given: P = 0 } = options;
  const { heads: H, keyValueHeads: KV, headSize: s } = shape;
  const G = H / KV;
  const { all: N, shared: L, own: T = 'T' } = rows;
  const index = (name: string, size: Size) => feed(name, [size], 'int64');

  const spreadKeyValues = (x: Tensor): readonly (Tensor | undefined)[] => {
    const indices = [index('valueOwn', multiplySizes(KV, 'B', T))];
    if (L !== undefined) indices.push(index('valueShared', multiplySizes(KV, L)));
    const heads = multiplySizes(N, KV);
    return op.regroup([op.reshape(x, [heads, s])], indices, [index('valueInverse', heads)], {
      padded: false,
      inversePadded: false,
    });
  };
  /** [KV·L, s] of shared rows and [KV, P, s] of given ones → [KV, P+L, s]. */
  const leading = (shared: Tensor | undefined, givenOnes: Tensor | undefined): Tensor | undefined => {
    const computed = shared && op.reshape(shared, [KV, L!, s]);
    if (P === 0) return computed;
    return computed === undefined ? givenOnes! : op.concat([givenOnes!, computed], 1);
  };

  return {
    allRows: (queriesAndKeys, values, layer = {}) => {
      if (layer.observe) layer.observe(op.split(queriesAndKeys, 1, [H * s, KV * s])[1]!, values);
      const sizes = { own: multiplySizes(KV, 'B', T), shared: L === undefined ? 0 : multiplySizes(KV, L) };
      const [queryOwn, keyOwn, queryShared, keyShared] = op.regroup(
        [op.reshape(queriesAndKeys, [multiplySizes(N, H + KV), s])],
        [
          index('queryOwn', multiplySizes(sizes.own, G)),
          index('keyOwn', sizes.own),
          ...(L === undefined
            ? []
            : [index('queryShared', multiplySizes(sizes.shared, G)), index('keyShared', sizes.shared)]),
        ],
        [index('queryKeyInverse', multiplySizes(N, H + KV))],
        { padded: false, inversePadded: false },
      );
      const [valueOwn, valueShared] = spreadKeyValues(values);
      const keysOf = { own: keyOwn!, leading: leading(keyShared, layer.given?.keys) };
      const valuesOf = { own: valueOwn!, leading: leading(valueShared, layer.given?.values) };
      const own = attend(queryOwn!, keysOf, valuesOf, 'own', layer, options);
      const parts = [op.reshape(own, [multiplySizes(sizes.own, G), s])];
      const inverses = [index('attendedOwnInverse', multiplySizes(sizes.own, G))];
      if (L !== undefined) {
        const attended = attendWithinShared(queryShared!, keysOf.leading!, valuesOf.leading!, layer, options);
        parts.push(op.reshape(attended, [multiplySizes(sizes.shared, G), s]));
        inverses.push(index('attendedSharedInverse', multiplySizes(sizes.shared, G)));
      }
      const [attended] = op.regroup(parts, [index('attended', multiplySizes(N, H))], inverses, {
        padded: false,
        inversePadded: true,
      });
      return op.reshape(attended!, [N, H * s]);
    },
    endRows: (queries, keys, values, layer = {}) => {
      const [keyOwn, keyShared] = spreadKeyValues(keys);
      const [valueOwn, valueShared] = spreadKeyValues(values);
      // [B·R, H·s] → [KV, B, R·G, s] and back
      const byHead = op.transpose(op.reshape(queries, ['B', R, KV, G, s]), [2, 0, 1, 3, 4]);
      const attended = attend(
        byHead,
        { own: keyOwn!, leading: leading(keyShared, layer.given?.keys) },
        { own: valueOwn!, leading: leading(valueShared, layer.given?.values) },
        'end',
        layer,
        options,
      );
      const byRow = op.transpose(op.reshape(attended, [KV, 'B', R, G, s]), [1, 2, 0, 3, 4]);
      return op.reshape(byRow, [multiplySizes('B', R), H * s]);
    },
  };
}

/** How many leading keys there are: P+L. */
const leadingSize = ({ rows, given = 0 }: AttentionGraphOptions): Size => addSizes(given, rows.shared ?? 0);

/** Each example's queries to the leading keys and its own: any layout of KV·B·rows·G queries → [KV, B, rows·G, s]. */
function attend(
  queries: Tensor,
  keys: Spread,
  values: Spread,
  rows: 'own' | 'end',
  layer: AttentionLayer,
  options: AttentionGraphOptions,
): Tensor {
  const { shape, feed, endRows, visibility, order = 'heads' } = options;
  const { heads: H, keyValueHeads: KV, headSize: s } = shape;
  const { window, bias, drop = (shares) => shares, scale = 1 / Math.sqrt(s), cap } = layer;
  const T = options.rows.own ?? 'T';
  const queryRows = multiplySizes(rows === 'own' ? T : endRows, H / KV);
  const blocks = order === 'heads' ? ([KV, 'B'] as const) : (['B', KV] as const);
  const byExample = op.reshape(queries, [...blocks, queryRows, s]);
  const ownKeys = op.reshape(keys.own, [...blocks, T, s]);
  const ownValues = op.reshape(values.own, [...blocks, T, s]);
  const mask = (seen: Size) => {
    const examples = visibility === 'line' && rows === 'own' ? 1 : 'B';
    return feed(maskName(rows === 'own' ? 'maskOwn' : 'maskEnd', window), [
      examples,
      visibility === 'all' ? 1 : queryRows,
      seen,
    ]);
  };
  if (visibility === 'line') {
    const allKeys = behindLeading(ownKeys, keys.leading, options);
    const seen = keys.leading === undefined ? T : addSizes(leadingSize(options), T);
    const scores = op.add(capped(op.matmul(byExample, allKeys, { transposeB: true, scale }), cap), mask(seen));
    return op.matmul(drop(op.softmax(scores)), behindLeading(ownValues, values.leading, options));
  }
  const masked = op.add(capped(op.matmul(byExample, ownKeys, { transposeB: true, scale }), cap), mask(T));
  const added = rows === 'own' ? 'Own' : 'End';
  const ownScores = bias === undefined ? masked : op.add(masked, bias(added, ['B', queryRows, T], order));
  if (keys.leading === undefined || values.leading === undefined) {
    return op.matmul(drop(op.softmax(ownScores)), ownValues);
  }
  // all examples' queries meet the leading keys in one product a head
  const L = leadingSize(options);
  const together = op.reshape(queries, [KV, multiplySizes('B', queryRows), s]);
  const flat = capped(op.matmul(together, keys.leading, { transposeB: true, scale }), cap);
  const unmasked = op.reshape(flat, [KV, 'B', queryRows, L]);
  const leadingScores =
    window === undefined
      ? unmasked
      : op.add(
          unmasked,
          feed(maskName(rows === 'own' ? 'maskOwnToShared' : 'maskEndToShared', window), ['B', queryRows, L]),
        );
  const shares = drop(op.softmax(op.concat([leadingScores, ownScores], 3)));
  const [toLeading, toOwn] = op.split(shares, 3, [L, T]);
  const fromLeading = op.matmul(op.reshape(toLeading!, [KV, multiplySizes('B', queryRows), L]), values.leading);
  return op.add(op.reshape(fromLeading, [KV, 'B', queryRows, s]), op.matmul(toOwn!, ownValues));
}

/** cap·tanh(x/cap) */
export const capped = (x: Tensor, cap: number | undefined): Tensor =>
  cap === undefined ? x : op.scale(op.tanh(op.scale(x, 1 / cap)), cap);

/** Own keys or values [KV, B, T, s] with the leading ones [KV, P+L, s] in front: [KV, B, P+L+T, s]. */
function behindLeading(own: Tensor, leading: Tensor | undefined, options: AttentionGraphOptions): Tensor {
  if (leading === undefined) return own;
  const { keyValueHeads: KV, headSize: s } = options.shape;
  const L = leadingSize(options);
  return op.concat([op.expand(op.reshape(leading, [KV, 1, L, s]), [KV, 'B', L, s]), own], 2);
}

/** The shared rows among themselves, behind the given keys: queries [KV·L·G, s], keys and values [KV, P+L, s] → [KV, L·G, s]. */
function attendWithinShared(
  queries: Tensor,
  keys: Tensor,
  values: Tensor,
  layer: AttentionLayer,
  options: AttentionGraphOptions,
): Tensor {
  const { heads: H, keyValueHeads: KV, headSize: s } = options.shape;
  const { window, drop = (shares) => shares, scale = 1 / Math.sqrt(s), cap } = layer;
  const queryRows = multiplySizes(options.rows.shared!, H / KV);
  const scores = capped(op.matmul(op.reshape(queries, [KV, queryRows, s]), keys, { transposeB: true, scale }), cap);
  const mask = options.feed(maskName('maskShared', window), [queryRows, leadingSize(options)]);
  return op.matmul(drop(op.softmax(op.add(scores, mask))), values);
}
