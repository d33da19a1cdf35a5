import * as op from '../../autodiff/build.js';
import { multiplySizes, type Size } from '../../autodiff/size.js';
import type { Tensor } from '../../autodiff/tensor.js';
import type { NetworkGraph } from '../network-graph.js';
import { rotaryConstants } from '../rope.js';
import type { Family } from './family.js';
import { type LlamaConfig, llamaConfigJson, llamaRecord, readLlamaConfig } from './llama-config.js';
import { LLAMA_NAMES, readLlamaGguf } from './llama-gguf.js';
import { selfAttention } from './self-attention.js';

type Graph = NetworkGraph<LlamaConfig>;

const layerName = (layer: number) => `model.layers.${layer}`;

/** In what the layers of families differ that are else Llama's. */
export interface DecoderKind {
  /** Each head's queries and keys go through a norm of their own before they are rotated (Qwen3). */
  readonly headNorms?: boolean;
}

/**
 * The decoder of the Llama family (Touvron et al. 2023): Llama 2 and 3, SmolLM2, TinyLlama; Mistral with a sliding window,
 * Qwen2 with biases on queries, keys and values. Norms before each part (Zhang & Sennrich 2019), rotary positions (Su et
 * al. 2021), grouped queries, a gated feed-forward block (Shazeer 2020).
 */
export const llamaDecoder = (kind: DecoderKind = {}): Omit<Family<LlamaConfig>, 'name' | 'readConfig'> => ({
  sees: 'before',
  wordTable: 'model.embed_tokens.weight',
  prefix: 'model.',
  layerName,
  record: llamaRecord,
  weightGroups: (config) => weightGroups(config, kind),
  embed: (words) => words,
  layer: (x, layer, rows, graph) => {
    const { config } = graph;
    const name = layerName(layer);
    const projected = (part: 'q' | 'k' | 'v', h: Tensor) => {
      const y = project(h, `${name}.self_attn.${part}_proj`, graph);
      return kind.headNorms && part !== 'v' ? normHeads(y, `${name}.self_attn.${part}_norm`, graph) : y;
    };
    const { attended, residual } = selfAttention(
      x,
      rows,
      graph,
      graph.attentionLayer(layer),
      (h) => norm(h, `${name}.input_layernorm`, graph),
      {
        all: (h) => projectAll(h, `${name}.self_attn`, kind, graph),
        each: {
          queries: (h) => projected('q', h),
          keys: (h) => projected('k', h),
          values: (h) => projected('v', h),
        },
        rotate: (h, which, heads) => {
          const tables = graph.once('rotary', () => rotaryConstants(config, graph.maxPositions));
          return op.rotary(h, tables, graph.positions(which), heads);
        },
      },
    );
    return feedForward(op.add(graph.linear(attended, `${name}.self_attn.o_proj`), residual), name, graph);
  },
  finish: (x, graph) => norm(x, 'model.norm', graph),
  head: (states, { config, weights }) => ({
    states,
    words: weights.get(config.tiedEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight'),
  }),
});

export const llama: Family<LlamaConfig> = {
  ...llamaDecoder(),
  pretraining: {
    intoResidual: /(o_proj|down_proj)\.weight$/,
    isPlain: ({ rope, slidingWindow, tiedEmbeddings, attentionBias }) =>
      rope.scaling.type === 'none' && slidingWindow === undefined && tiedEmbeddings && !attentionBias,
    configJson: llamaConfigJson,
  },
  name: 'llama',
  readConfig: (settings) => readLlamaConfig(settings, { family: 'llama' }),
  gguf: {
    architecture: 'llama',
    names: LLAMA_NAMES,
    interleaved: /\.self_attn\.[qk]_proj\.weight$/,
    readConfig: (settings, file) => readLlamaGguf(settings, file, 'llama'),
  },
};

/** GGUF files of Mistral say that they are `llama`. */
export const mistral: Family<LlamaConfig> = {
  ...llamaDecoder(),
  name: 'mistral',
  readConfig: (settings) => readLlamaConfig(settings, { family: 'mistral', keyValueHeads: 8, window: 'always' }),
};

export const qwen2: Family<LlamaConfig> = {
  ...llamaDecoder(),
  name: 'qwen2',
  readConfig: (settings) =>
    readLlamaConfig(settings, {
      family: 'qwen2',
      keyValueHeads: 32,
      window: 'where use_sliding_window is set',
      biases: true,
    }),
  gguf: {
    architecture: 'qwen2',
    names: LLAMA_NAMES,
    readConfig: (settings, file) => readLlamaGguf(settings, file, 'qwen2', { biases: true }),
  },
};

const norm = (x: Tensor, name: string, { config, weights }: Graph): Tensor =>
  op.rmsNorm(x, weights.get(`${name}.weight`), config.normEpsilon);

const project = (h: Tensor, module: string, graph: Graph): Tensor =>
  graph.linear(h, module, { bias: graph.config.attentionBias });

/** Each head of x [rows, heads·s] by itself, all with the same weight [s]. */
function normHeads(x: Tensor, name: string, graph: Graph): Tensor {
  const s = graph.config.headSize;
  const [rows, width] = x.shape as [Size, number];
  return op.reshape(norm(op.reshape(x, [multiplySizes(rows, width / s), s]), name, graph), [rows, width]);
}

/** h [N, d] → queries and keys [N, (H+KV)·s], values [N, KV·s]; one product where the three matrices lie side by side. */
function projectAll(h: Tensor, name: string, { headNorms }: DecoderKind, graph: Graph): readonly [Tensor, Tensor] {
  const { heads: H, keyValueHeads: KV, headSize: s, attentionBias } = graph.config;
  const modules = ['q', 'k', 'v'].map((part) => `${name}.${part}_proj`);
  const joined = attentionBias ? undefined : graph.joinedLinear(h, modules);
  if (joined !== undefined && !headNorms) {
    const [queriesAndKeys, values] = op.split(joined, 1, [(H + KV) * s, KV * s]);
    return [queriesAndKeys!, values!];
  }
  const [q, k, v] =
    joined === undefined
      ? modules.map((module) => project(h, module, graph))
      : op.split(joined, 1, [H * s, KV * s, KV * s]);
  if (!headNorms) return [op.concat([q!, k!], 1), v!];
  return [op.concat([normHeads(q!, `${name}.q_norm`, graph), normHeads(k!, `${name}.k_norm`, graph)], 1), v!];
}

/** x + W↓(silu(W_gate·h) ∘ W↑·h), h the norm of x. */
function feedForward(x: Tensor, name: string, graph: Graph): Tensor {
  const h = norm(x, `${name}.post_attention_layernorm`, graph);
  const gate = op.silu(graph.linear(h, `${name}.mlp.gate_proj`));
  const up = graph.linear(h, `${name}.mlp.up_proj`);
  return op.add(graph.linear(op.multiply(gate, up), `${name}.mlp.down_proj`), x);
}

/** q, k, v of a layer follow each other (so do their biases), and gate, up. */
function weightGroups(config: LlamaConfig, { headNorms }: DecoderKind) {
  const { hiddenSize: d, intermediateSize, headSize, vocabularySize } = config;
  const queryRows = config.heads * headSize;
  const keyRows = config.keyValueHeads * headSize;
  const layers = Array.from({ length: config.layers }, (_, layer) => {
    const weight = (name: string, ...shape: number[]) => ({ name: `${layerName(layer)}.${name}`, shape });
    const projections = (kind: string, ...inner: number[]) => [
      weight(`self_attn.q_proj.${kind}`, queryRows, ...inner),
      weight(`self_attn.k_proj.${kind}`, keyRows, ...inner),
      weight(`self_attn.v_proj.${kind}`, keyRows, ...inner),
    ];
    return [
      [weight('input_layernorm.weight', d)],
      projections('weight', d),
      ...(config.attentionBias ? [projections('bias')] : []),
      ...(headNorms
        ? [[weight('self_attn.q_norm.weight', headSize)], [weight('self_attn.k_norm.weight', headSize)]]
        : []),
      [weight('self_attn.o_proj.weight', d, queryRows)],
      [weight('post_attention_layernorm.weight', d)],
      [weight('mlp.gate_proj.weight', intermediateSize, d), weight('mlp.up_proj.weight', intermediateSize, d)],
      [weight('mlp.down_proj.weight', d, intermediateSize)],
    ];
  });
  return [
    [{ name: 'model.embed_tokens.weight', shape: [vocabularySize, d] }],
    ...layers.flat(),
    [{ name: 'model.norm.weight', shape: [d] }],
    ...(config.tiedEmbeddings ? [] : [[{ name: 'lm_head.weight', shape: [vocabularySize, d] }]]),
  ];
}
