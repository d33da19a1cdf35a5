import * as op from '../../autodiff/build.js';
import type { Tensor } from '../../autodiff/tensor.js';
import type { NetworkGraph } from '../network-graph.js';
import { rotaryConstants } from '../rope.js';
import type { Family } from './family.js';
import { type LlamaConfig, llamaConfigJson, llamaRecord, readLlamaConfig } from './llama-config.js';
import { LLAMA_NAMES, readLlamaGguf } from './llama-gguf.js';
import { selfAttention } from './self-attention.js';

/**
 * The decoder of the Llama family (Touvron et al. 2023): Llama 2 and 3, SmolLM2, TinyLlama; Mistral with a sliding window,
 * Qwen2 with biases on queries, keys and values. Norms before each part (Zhang & Sennrich 2019), rotary positions (Su et
 * al. 2021), grouped queries, a gated feed-forward block (Shazeer 2020).
 */
type Graph = NetworkGraph<LlamaConfig>;

const layerName = (layer: number) => `model.layers.${layer}`;

const decoder: Omit<Family<LlamaConfig>, 'name' | 'readConfig'> = {
  sees: 'before',
  wordTable: 'model.embed_tokens.weight',
  prefix: 'model.',
  layerName,
  record: llamaRecord,
  weightGroups,
  embed: (words) => words,
  layer: (x, layer, rows, graph) => {
    const { config } = graph;
    const name = layerName(layer);
    const { attended, residual } = selfAttention(
      x,
      rows,
      graph,
      graph.attentionLayer(layer),
      (h) => norm(h, `${name}.input_layernorm`, graph),
      {
        all: (h) => projectAll(h, `${name}.self_attn`, graph),
        each: {
          queries: (h) => project(h, `${name}.self_attn.q_proj`, graph),
          keys: (h) => project(h, `${name}.self_attn.k_proj`, graph),
          values: (h) => project(h, `${name}.self_attn.v_proj`, graph),
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
};

export const llama: Family<LlamaConfig> = {
  ...decoder,
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
  ...decoder,
  name: 'mistral',
  readConfig: (settings) => readLlamaConfig(settings, { family: 'mistral', keyValueHeads: 8, window: 'always' }),
};

export const qwen2: Family<LlamaConfig> = {
  ...decoder,
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
    readConfig: (settings, file) => readLlamaGguf(settings, file, 'qwen2'),
  },
};

const norm = (x: Tensor, name: string, { config, weights }: Graph): Tensor =>
  op.rmsNorm(x, weights.get(`${name}.weight`), config.normEpsilon);

const project = (h: Tensor, module: string, graph: Graph): Tensor =>
  graph.linear(h, module, { bias: graph.config.attentionBias });

/** h [N, d] → queries and keys [N, (H+KV)·s], values [N, KV·s]; one product where the three matrices lie side by side. */
function projectAll(h: Tensor, name: string, graph: Graph): readonly [Tensor, Tensor] {
  const { heads: H, keyValueHeads: KV, headSize: s, attentionBias } = graph.config;
  const modules = ['q', 'k', 'v'].map((part) => `${name}.${part}_proj`);
  const joined = attentionBias ? undefined : graph.joinedLinear(h, modules);
  if (joined === undefined) {
    const [q, k, v] = modules.map((module) => project(h, module, graph));
    return [op.concat([q!, k!], 1), v!];
  }
  const [queriesAndKeys, values] = op.split(joined, 1, [(H + KV) * s, KV * s]);
  return [queriesAndKeys!, values!];
}

/** x + W↓(silu(W_gate·h) ∘ W↑·h), h the norm of x. */
function feedForward(x: Tensor, name: string, graph: Graph): Tensor {
  const h = norm(x, `${name}.post_attention_layernorm`, graph);
  const gate = op.silu(graph.linear(h, `${name}.mlp.gate_proj`));
  const up = graph.linear(h, `${name}.mlp.up_proj`);
  return op.add(graph.linear(op.multiply(gate, up), `${name}.mlp.down_proj`), x);
}

/** q, k, v of a layer follow each other (so do their biases), and gate, up. */
function weightGroups(config: LlamaConfig) {
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
