import * as op from '../../autodiff/build.js';
import { multiplySizes, type Size } from '../../autodiff/size.js';
import type { Tensor } from '../../autodiff/tensor.js';
import { layerWindow } from '../checkpoint/config.js';
import type { NetworkGraph } from '../network-graph.js';
import { rotaryConstants, rotateHeads } from '../rope.js';
import { type DecoderKind, decoderWeights } from './decoder-weights.js';
import type { Family } from './family.js';
import { type LlamaConfig, llamaRecord } from './llama-config.js';
import { selfAttention } from './self-attention.js';

type Graph = NetworkGraph<LlamaConfig>;

export const decoderLayerName = (layer: number) => `model.layers.${layer}`;

const APART = {
  query: 'self_attn.q_proj',
  key: 'self_attn.k_proj',
  value: 'self_attn.v_proj',
  'feed-forward gate': 'mlp.gate_proj',
  'feed-forward input': 'mlp.up_proj',
} as const;

const FUSED = {
  'queries, keys and values': 'self_attn.qkv_proj',
  'feed-forward input': 'mlp.gate_up_proj',
} as const;

/**
 * Decoders whose layers are those of the Llama family (Touvron et al. 2023) or nearly so: root mean square norms (Zhang &
 * Sennrich 2019), rotary positions (Su et al. 2021), grouped queries, a gated feed-forward block (Shazeer 2020).
 */
export const decoder = (kind: DecoderKind = {}): Omit<Family<LlamaConfig>, 'name' | 'readConfig'> => ({
  sees: 'before',
  wordTable: 'model.embed_tokens.weight',
  prefix: 'model.',
  layerName: decoderLayerName,
  linears: {
    ...(kind.fused ? FUSED : APART),
    'attention output': 'self_attn.o_proj',
    'feed-forward output': 'mlp.down_proj',
  },
  record: llamaRecord,
  wordScale: ({ wordMultiplier = 1 }) => wordMultiplier,
  weightGroups: (config) => decoderWeights(config, kind),
  embed: (words, { config: { embeddingMultiplier } }) => times(words, embeddingMultiplier),
  layer: (x, layer, rows, graph) => {
    const name = decoderLayerName(layer);
    const { norms = 'before' } = kind;
    const { attended, residual } = attention(x, layer, rows, kind, graph);
    const projected = graph.linear(attended, `${name}.self_attn.o_proj`, { bias: graph.config.outputBias ?? false });
    const added = norms === 'before' ? projected : norm(projected, `${name}.post_attention_layernorm`, graph);
    const mixed = op.add(times(added, graph.config.residualMultiplier), residual);
    const before = { before: 'post_attention_layernorm', both: 'pre_feedforward_layernorm', after: undefined }[norms];
    const inner = feedForward(before ? norm(mixed, `${name}.${before}`, graph) : mixed, name, kind, graph);
    const fed = norms === 'before' ? inner : norm(inner, `${name}.post_feedforward_layernorm`, graph);
    return op.add(times(fed, graph.config.residualMultiplier), mixed);
  },
  finish: (x, graph) => norm(x, 'model.norm', graph),
  head: (states, { config, weights }) => ({
    states: times(states, config.logitsScaling && 1 / config.logitsScaling),
    words: weights.get(config.tiedEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight'),
    cap: config.logitsCap,
  }),
});

const times = (x: Tensor, factor: number | undefined): Tensor =>
  factor === undefined || factor === 1 ? x : op.scale(x, factor);

function norm(x: Tensor, name: string, { config, weights, once }: Graph): Tensor {
  const stored = weights.get(`${name}.weight`);
  const { normOffset } = config;
  const weight = normOffset ? once(`${name} + 1`, () => op.add(stored, op.scalar(normOffset))) : stored;
  return op.rmsNorm(x, weight, config.normEpsilon);
}

function attention(x: Tensor, layer: number, rows: 'all' | 'ends', kind: DecoderKind, graph: Graph) {
  const { config } = graph;
  const name = `${decoderLayerName(layer)}.self_attn`;
  const windowed = layerWindow(config, layer) !== undefined && config.windowRope !== undefined;
  const rope = windowed ? config.windowRope! : config.rope;
  const project = (part: 'q' | 'k' | 'v', h: Tensor) => {
    const y = graph.linear(h, `${name}.${part}_proj`, { bias: config.attentionBias });
    return part === 'v' ? y : normed(y, `${name}.${part}_norm`, kind, graph);
  };
  const enter = (h: Tensor) =>
    kind.norms === 'after' ? h : norm(h, `${decoderLayerName(layer)}.input_layernorm`, graph);
  const attentionLayer = {
    ...graph.attentionLayer(layer),
    scale: config.attentionScale,
    cap: config.attentionCap,
  };
  return selfAttention(x, rows, graph, attentionLayer, enter, {
    all: (h) => projectAll(h, name, kind, project, graph),
    ...(!kind.fused && {
      each: {
        queries: (h: Tensor) => project('q', h),
        keys: (h: Tensor) => project('k', h),
        values: (h: Tensor) => project('v', h),
      },
    }),
    rotate: (h, which, heads) => {
      const tables = graph.once(windowed ? 'rotary in windows' : 'rotary', () =>
        rotaryConstants(rope, config.headSize, graph.maxPositions),
      );
      return rotateHeads(h, tables, graph.positions(which), { heads, headSize: config.headSize });
    },
  });
}

/** Queries or keys x [rows, heads·s] behind the norms that the family has there. */
function normed(x: Tensor, name: string, { queryKeyNorms }: DecoderKind, graph: Graph): Tensor {
  if (queryKeyNorms === undefined) return x;
  if (queryKeyNorms === 'all') return norm(x, name, graph);
  const s = graph.config.headSize;
  const [rows, width] = x.shape as [Size, number];
  return op.reshape(norm(op.reshape(x, [multiplySizes(rows, width / s), s]), name, graph), [rows, width]);
}

/** h [N, d] → queries and keys [N, (H+KV)·s], values [N, KV·s]; one product where the three matrices lie side by side. */
function projectAll(
  h: Tensor,
  name: string,
  kind: DecoderKind,
  project: (part: 'q' | 'k' | 'v', h: Tensor) => Tensor,
  graph: Graph,
): readonly [Tensor, Tensor] {
  const { heads: H, keyValueHeads: KV, headSize: s, attentionBias } = graph.config;
  const modules = ['q', 'k', 'v'].map((part) => `${name}.${part}_proj`);
  const joined = kind.fused
    ? graph.linear(h, `${name}.qkv_proj`)
    : attentionBias
      ? undefined
      : graph.joinedLinear(h, modules);
  if (joined === undefined) return [op.concat([project('q', h), project('k', h)], 1), project('v', h)];
  if (kind.queryKeyNorms === undefined) {
    const [queriesAndKeys, values] = op.split(joined, 1, [(H + KV) * s, KV * s]);
    return [queriesAndKeys!, values!];
  }
  const [q, k, v] = op.split(joined, 1, [H * s, KV * s, KV * s]);
  const both = [normed(q!, `${name}.q_norm`, kind, graph), normed(k!, `${name}.k_norm`, kind, graph)];
  return [op.concat(both, 1), v!];
}

/** W↓(σ(W_gate·h) ∘ W↑·h), σ the activation. */
function feedForward(h: Tensor, name: string, kind: DecoderKind, graph: Graph): Tensor {
  const bias = { bias: graph.config.feedForwardBias ?? false };
  const inner = graph.config.intermediateSize;
  const [gate, up] = kind.fused
    ? op.split(graph.linear(h, `${name}.mlp.gate_up_proj`), 1, [inner, inner])
    : [graph.linear(h, `${name}.mlp.gate_proj`, bias), graph.linear(h, `${name}.mlp.up_proj`, bias)];
  const opened = kind.activation === 'geluTanh' ? op.geluTanh(gate!) : op.silu(gate!);
  return graph.linear(op.multiply(opened, up!), `${name}.mlp.down_proj`, bias);
}
