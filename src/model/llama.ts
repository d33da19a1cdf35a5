import * as op from '../autodiff/build.js';
import { addSizes, multiplySizes, type Shape, type Size } from '../autodiff/size.js';
import type { ElementType, Tensor } from '../autodiff/tensor.js';
import type { ModelConfig } from './config.js';
import type { WeightSource } from './weight-source.js';

/**
 * The decoder of the Llama family (Touvron et al. 2023; Llama 2 and 3, Mistral, Qwen2, SmolLM2, TinyLlama) over packed
 * rows. Sizes: N rows, B examples, T own rows of the longest, L shared rows, R end rows an example (see
 * `attention-indices.ts`), d width, H query heads, KV key-value heads, G = H/KV, s head size.
 */
export interface LlamaGraphOptions {
  readonly config: ModelConfig;
  readonly weights: WeightSource;
  /** The network's inputs by name; see `attentionFeeds` for what they hold. */
  readonly feed: (name: string, shape: Shape, type?: ElementType) => Tensor;
  /** Whether the batches have shared rows (L > 0). */
  readonly shared: boolean;
  /** N and L, where they are written otherwise. */
  readonly rows?: { readonly all: Size; readonly shared: Size };
  /**
   * Whether each example's own rows are a line, in which a row sees all before it: one mask then does for all examples,
   * with the shared rows' keys repeated in front of each example's own, which is quicker where those are the fewer. The
   * feeds are those of `attentionFeeds` with `lines`.
   */
  readonly lines?: boolean;
  /** R, if it is always the same. */
  readonly endRows: Size;
  /** cosine and sine, [positions, s/2]. */
  readonly rotary: { readonly cosine: Tensor; readonly sine: Tensor };
}

/**
 * Embeddings x [N, d] → hidden states [B·R, d] of the end rows, after the final norm. The last layer works on end rows
 * alone.
 */
export function llamaHiddenStates(x: Tensor, options: LlamaGraphOptions): Tensor {
  const { config, weights } = options;
  let rows = x;
  for (let layer = 0; layer < config.layers - 1; layer++) rows = wholeLayer(rows, layer, options);
  const ends = lastLayer(rows, config.layers - 1, options);
  return op.rmsNorm(ends, weights.get('model.norm.weight'), config.normEpsilon);
}

/**
 * Embeddings x [N, d] → hidden states [N, d] of all rows after the first `layers` layers and the final norm. `endRows` is
 * not used.
 */
export function llamaRowStates(x: Tensor, layers: number, options: LlamaGraphOptions): Tensor {
  const { config, weights } = options;
  let rows = x;
  for (let layer = 0; layer < layers; layer++) rows = wholeLayer(rows, layer, options);
  return op.rmsNorm(rows, weights.get('model.norm.weight'), config.normEpsilon);
}

/** One decoder layer for all rows: [N, d] → [N, d]. */
function wholeLayer(x: Tensor, layer: number, options: LlamaGraphOptions): Tensor {
  const { config, weights, shared, feed } = options;
  const { heads: H, keyValueHeads: KV, headSize: s } = config;
  const G = H / KV;
  const h = op.rmsNorm(x, weights.layer(layer, 'input_layernorm.weight'), config.normEpsilon);
  const [queriesAndKeys, values] = projectAll(h, layer, options);
  const N = allRows(options);
  const positions = feed('positions', [N], 'int64');
  const rotated = op.rotary(queriesAndKeys, options.rotary, positions, H + KV);

  const sizes = { own: multiplySizes(KV, 'B', 'T'), shared: multiplySizes(KV, sharedRows(options)) };
  const index = (name: string, size: Size) => feed(name, [size], 'int64');
  const [queryOwn, keyOwn, queryShared, keyShared] = op.regroup(
    [op.reshape(rotated, [multiplySizes(N, H + KV), s])],
    [
      index('queryOwn', multiplySizes(sizes.own, G)),
      index('keyOwn', sizes.own),
      ...(shared ? [index('queryShared', multiplySizes(sizes.shared, G)), index('keyShared', sizes.shared)] : []),
    ],
    [index('queryKeyInverse', multiplySizes(N, H + KV))],
    { padded: false, inversePadded: false },
  );
  const [valueOwn, valueShared] = spreadKeyValues(values, options);

  const own = attend(
    queryOwn!,
    { own: keyOwn!, shared: keyShared },
    { own: valueOwn!, shared: valueShared },
    'own',
    options,
  );
  const parts = [op.reshape(own, [multiplySizes(sizes.own, G), s])];
  const inverses = [index('attendedOwnInverse', multiplySizes(sizes.own, G))];
  if (shared) {
    const attended = attendWithinShared(queryShared!, keyShared!, valueShared!, options);
    parts.push(op.reshape(attended, [multiplySizes(sizes.shared, G), s]));
    inverses.push(index('attendedSharedInverse', multiplySizes(sizes.shared, G)));
  }
  const [attended] = op.regroup(parts, [index('attended', multiplySizes(N, H))], inverses, {
    padded: false,
    inversePadded: true,
  });
  const mixed = op.reshape(attended!, [N, H * s]);
  return feedForward(op.add(op.linear(mixed, weights.layer(layer, 'self_attn.o_proj.weight')), x), layer, options);
}

/** The last decoder layer, for the end rows alone: [N, d] → [B·R, d]. */
function lastLayer(x: Tensor, layer: number, options: LlamaGraphOptions): Tensor {
  const { config, weights, feed, endRows: R } = options;
  const { heads: H, keyValueHeads: KV, headSize: s } = config;
  const G = H / KV;
  const norm = weights.layer(layer, 'input_layernorm.weight');
  const h = op.rmsNorm(x, norm, config.normEpsilon);
  const positions = feed('positions', [allRows(options)], 'int64');
  const keys = op.rotary(project(h, layer, 'k', options), options.rotary, positions, KV);
  const [keyOwn, keyShared] = spreadKeyValues(keys, options);
  const [valueOwn, valueShared] = spreadKeyValues(project(h, layer, 'v', options), options);

  const ends = multiplySizes('B', R);
  const [xEnd] = op.regroup(
    [x],
    [feed('endRows', [ends], 'int64')],
    [feed('endInverse', [allRows(options)], 'int64')],
    {
      padded: false,
      inversePadded: true,
    },
  );
  const hEnd = op.rmsNorm(xEnd!, norm, config.normEpsilon);
  const endPositions = feed('endPositions', [ends], 'int64');
  const queries = op.rotary(project(hEnd, layer, 'q', options), options.rotary, endPositions, H);
  // [B·R, H·s] → [KV, B, R·G, s] and back
  const byHead = op.transpose(op.reshape(queries, ['B', R, KV, G, s]), [2, 0, 1, 3, 4]);
  const attended = attend(
    byHead,
    { own: keyOwn!, shared: keyShared },
    { own: valueOwn!, shared: valueShared },
    'end',
    options,
  );
  const byRow = op.transpose(op.reshape(attended, [KV, 'B', R, G, s]), [1, 2, 0, 3, 4]);
  const mixed = op.reshape(byRow, [ends, H * s]);
  return feedForward(op.add(op.linear(mixed, weights.layer(layer, 'self_attn.o_proj.weight')), xEnd!), layer, options);
}

/**
 * Attention of each example's queries to the shared keys and its own: any layout of KV·B·rows·G queries → [KV, B, rows·G, s].
 */
function attend(
  queries: Tensor,
  keys: { readonly own: Tensor; readonly shared: Tensor | undefined },
  values: { readonly own: Tensor; readonly shared: Tensor | undefined },
  rows: 'own' | 'end',
  options: LlamaGraphOptions,
): Tensor {
  const { config, feed, endRows, lines = false } = options;
  const { heads: H, keyValueHeads: KV, headSize: s } = config;
  const L = sharedRows(options);
  const queryRows = multiplySizes(rows === 'own' ? 'T' : endRows, H / KV);
  const scale = 1 / Math.sqrt(s);
  const byExample = op.reshape(queries, [KV, 'B', queryRows, s]);
  const ownKeys = op.reshape(keys.own, [KV, 'B', 'T', s]);
  const ownValues = op.reshape(values.own, [KV, 'B', 'T', s]);
  if (lines) {
    const seen = keys.shared === undefined ? 'T' : addSizes(L, 'T');
    const mask = feed(rows === 'own' ? 'maskOwn' : 'maskEnd', [rows === 'own' ? 1 : 'B', queryRows, seen]);
    const allKeys = behindShared(ownKeys, keys.shared, options);
    const scores = op.add(op.matmul(byExample, allKeys, { transposeB: true, scale }), mask);
    return op.matmul(op.softmax(scores), behindShared(ownValues, values.shared, options));
  }
  const mask = feed(rows === 'own' ? 'maskOwn' : 'maskEnd', ['B', queryRows, 'T']);
  const ownScores = op.add(op.matmul(byExample, ownKeys, { transposeB: true, scale }), mask);
  if (keys.shared === undefined || values.shared === undefined) return op.matmul(op.softmax(ownScores), ownValues);

  // all examples' queries meet the shared keys in one product a head
  const together = op.reshape(queries, [KV, multiplySizes('B', queryRows), s]);
  const sharedKeys = op.reshape(keys.shared, [KV, L, s]);
  const sharedValues = op.reshape(values.shared, [KV, L, s]);
  const flat = op.matmul(together, sharedKeys, { transposeB: true, scale });
  const unmasked = op.reshape(flat, [KV, 'B', queryRows, L]);
  const sharedScores =
    config.slidingWindow === undefined
      ? unmasked
      : op.add(unmasked, feed(rows === 'own' ? 'maskOwnToShared' : 'maskEndToShared', ['B', queryRows, L]));
  const weights = op.softmax(op.concat([sharedScores, ownScores], 3));
  const [toShared, toOwn] = op.split(weights, 3, [L, 'T']);
  const fromShared = op.matmul(op.reshape(toShared!, [KV, multiplySizes('B', queryRows), L]), sharedValues);
  return op.add(op.reshape(fromShared, [KV, 'B', queryRows, s]), op.matmul(toOwn!, ownValues));
}

/** Own keys or values [KV, B, T, s] with the shared ones [KV·L, s] in front: [KV, B, L+T, s]. */
function behindShared(own: Tensor, shared: Tensor | undefined, options: LlamaGraphOptions): Tensor {
  if (shared === undefined) return own;
  const { keyValueHeads: KV, headSize: s } = options.config;
  const L = sharedRows(options);
  return op.concat([op.expand(op.reshape(shared, [KV, 1, L, s]), [KV, 'B', L, s]), own], 2);
}

/** Causal attention among the shared rows: queries [KV·L·G, s] → [KV, L·G, s]. */
function attendWithinShared(queries: Tensor, keys: Tensor, values: Tensor, options: LlamaGraphOptions): Tensor {
  const { config, feed } = options;
  const { heads: H, keyValueHeads: KV, headSize: s } = config;
  const L = sharedRows(options);
  const queryRows = multiplySizes(L, H / KV);
  const scores = op.matmul(op.reshape(queries, [KV, queryRows, s]), op.reshape(keys, [KV, L, s]), {
    transposeB: true,
    scale: 1 / Math.sqrt(s),
  });
  const weights = op.softmax(op.add(scores, feed('maskShared', [queryRows, L])));
  return op.matmul(weights, op.reshape(values, [KV, L, s]));
}

/** Keys or values [N, KV·s] of all rows → own ones [KV·B·T, s] and shared ones [KV·L, s]. */
function spreadKeyValues(x: Tensor, options: LlamaGraphOptions): readonly Tensor[] {
  const { config, shared, feed } = options;
  const { keyValueHeads: KV, headSize: s } = config;
  const rows = multiplySizes(allRows(options), KV);
  const indices = [feed('valueOwn', [multiplySizes(KV, 'B', 'T')], 'int64')];
  if (shared) indices.push(feed('valueShared', [multiplySizes(KV, sharedRows(options))], 'int64'));
  return op.regroup([op.reshape(x, [rows, s])], indices, [feed('valueInverse', [rows], 'int64')], {
    padded: false,
    inversePadded: false,
  });
}

const allRows = ({ rows }: LlamaGraphOptions): Size => rows?.all ?? 'N';
const sharedRows = ({ rows }: LlamaGraphOptions): Size => rows?.shared ?? 'L';

/** h [N, d] → queries and keys [N, (H+KV)·s], values [N, KV·s]; one product where the three matrices lie side by side. */
function projectAll(h: Tensor, layer: number, options: LlamaGraphOptions): readonly [Tensor, Tensor] {
  const { config, weights } = options;
  const { heads: H, keyValueHeads: KV, headSize: s } = config;
  const names = ['q', 'k', 'v'].map((part) => `self_attn.${part}_proj.weight`);
  const joined = weights.joinedLayer(layer, names);
  if (joined === undefined || config.attentionBias) {
    const [q, k, v] = (['q', 'k', 'v'] as const).map((part) => project(h, layer, part, options));
    return [op.concat([q!, k!], 1), v!];
  }
  const [queriesAndKeys, values] = op.split(op.linear(h, joined), 1, [(H + KV) * s, KV * s]);
  return [queriesAndKeys!, values!];
}

function project(h: Tensor, layer: number, part: 'q' | 'k' | 'v', { config, weights }: LlamaGraphOptions): Tensor {
  const projected = op.linear(h, weights.layer(layer, `self_attn.${part}_proj.weight`));
  return config.attentionBias ? op.add(projected, weights.layer(layer, `self_attn.${part}_proj.bias`)) : projected;
}

/** Gated feed-forward block with its residual (Shazeer 2020, SwiGLU): x + W↓(silu(W_gate·h) ∘ W↑·h). */
function feedForward(x: Tensor, layer: number, { config, weights }: LlamaGraphOptions): Tensor {
  const h = op.rmsNorm(x, weights.layer(layer, 'post_attention_layernorm.weight'), config.normEpsilon);
  const gate = op.silu(op.linear(h, weights.layer(layer, 'mlp.gate_proj.weight')));
  const up = op.linear(h, weights.layer(layer, 'mlp.up_proj.weight'));
  return op.add(op.linear(op.multiply(gate, up), weights.layer(layer, 'mlp.down_proj.weight')), x);
}
