import * as op from '../../autodiff/build.js';
import type { Tensor } from '../../autodiff/tensor.js';
import type { GgufFile } from '../../weights/gguf.js';
import type { ModelConfig } from '../checkpoint/config.js';
import type { Settings } from '../checkpoint/settings.js';
import type { NetworkGraph } from '../network-graph.js';
import { readLayers, refuseQuantized, sharedHeadSize } from './common-settings.js';
import type { Family } from './family.js';
import { selfAttention } from './self-attention.js';

/**
 * GPT-2 (Radford et al. 2019; DistilGPT-2): learned positions, layer norms before each part, queries, keys and values in
 * one matrix, weights stored [in, out], biases everywhere, the output matrix is the embedding table.
 */
export const gpt2: Family = {
  name: 'gpt2',
  sees: 'before',
  wordTable: 'transformer.wte.weight',
  prefix: 'transformer.',
  // the causal masks that old checkpoints hold
  ignored: /\.attn\.(masked_)?bias$/,
  layerName,
  linears: {
    'queries, keys and values': 'attn.c_attn',
    'attention output': 'attn.c_proj',
    'feed-forward input': 'mlp.c_fc',
    'feed-forward output': 'mlp.c_proj',
  },
  transposed: true,
  readConfig,
  weightGroups,
  embed: (words, graph) =>
    op.add(words, op.gather(graph.weights.get('transformer.wpe.weight'), graph.positions('all'))),
  layer: (x, layer, rows, graph) => {
    const name = layerName(layer);
    const { heads: H, keyValueHeads: KV, headSize: s } = graph.config;
    const { attended, residual } = selfAttention(
      x,
      rows,
      graph,
      graph.attentionLayer(layer),
      (h) => norm(h, `${name}.ln_1`, graph),
      {
        all: (h) => {
          const [queriesAndKeys, values] = op.split(linear(h, `${name}.attn.c_attn`, graph), 1, [(H + KV) * s, KV * s]);
          return [queriesAndKeys!, values!];
        },
      },
    );
    const mixed = op.add(linear(attended, `${name}.attn.c_proj`, graph), residual);
    const inner = op.geluTanh(linear(norm(mixed, `${name}.ln_2`, graph), `${name}.mlp.c_fc`, graph));
    return op.add(linear(inner, `${name}.mlp.c_proj`, graph), mixed);
  },
  gguf: {
    architecture: 'gpt2',
    names: {
      ...{ token_embd: 'transformer.wte', position_embd: 'transformer.wpe', output_norm: 'transformer.ln_f' },
      ...{ attn_norm: 'ln_1', attn_qkv: 'attn.c_attn', attn_output: 'attn.c_proj' },
      ...{ ffn_norm: 'ln_2', ffn_up: 'mlp.c_fc', ffn_down: 'mlp.c_proj' },
    },
    arrangement: (name) => (/\.(c_attn|c_proj|c_fc)\.weight$/.test(name) ? 'transposed' : undefined),
    readConfig: async (settings, file) => readGguf(settings, file),
  },
  finish: (x, graph) => norm(x, 'transformer.ln_f', graph),
  head: (states, { weights }) => ({ states, words: weights.get('transformer.wte.weight') }),
};

function layerName(layer: number): string {
  return `transformer.h.${layer}`;
}

const norm = (x: Tensor, name: string, { config, weights }: NetworkGraph): Tensor =>
  op.layerNorm(x, weights.get(`${name}.weight`), weights.get(`${name}.bias`), config.normEpsilon);

const linear = (x: Tensor, module: string, graph: NetworkGraph): Tensor =>
  graph.linear(x, module, { bias: true, transposed: true });

/** Features that change the result and that the network does not have, and what it needs instead. */
const REQUIRED = {
  add_cross_attention: false,
  reorder_and_upcast_attn: false,
  scale_attn_by_inverse_layer_idx: false,
  scale_attn_weights: true,
  tie_word_embeddings: true,
} as const;

function readConfig(settings: Settings): ModelConfig {
  refuseQuantized(settings);
  const activation = settings.text('activation_function') ?? 'gelu_new';
  if (!['gelu_new', 'gelu_pytorch_tanh'].includes(activation)) {
    throw settings.unsupported(`the activation ${activation}`, 'gelu_new');
  }
  for (const [flag, wanted] of Object.entries(REQUIRED)) {
    if (settings.flag(flag, wanted) !== wanted) throw settings.unsupported(`${flag} = ${!wanted}`, `${wanted}`);
  }
  const hiddenSize = settings.size('n_embd');
  const heads = settings.size('n_head');
  return {
    family: 'gpt2',
    hiddenSize,
    intermediateSize: settings.size('n_inner', 4 * hiddenSize),
    layers: readLayers(settings, 'n_layer'),
    heads,
    keyValueHeads: heads,
    headSize: sharedHeadSize(settings, 'n_head', hiddenSize, heads),
    vocabularySize: settings.size('vocab_size'),
    maxPositions: settings.size('n_positions'),
    normEpsilon: settings.positive('layer_norm_epsilon', 1e-5),
    slidingWindow: undefined,
    tiedEmbeddings: true,
  };
}

/** GPT-2 as llama.cpp writes it. Errors: MODEL_CONFIG_INVALID. */
function readGguf(settings: Settings, file: GgufFile): ModelConfig {
  const key = (name: string) => `gpt2.${name}`;
  const hiddenSize = settings.size(key('embedding_length'));
  const heads = settings.size(key('attention.head_count'));
  return {
    family: 'gpt2',
    hiddenSize,
    intermediateSize: settings.size(key('feed_forward_length')),
    layers: readLayers(settings, key('block_count')),
    heads,
    keyValueHeads: heads,
    headSize: sharedHeadSize(settings, key('attention.head_count'), hiddenSize, heads),
    vocabularySize: file.tensors.get('token_embd.weight')?.shape[0] ?? settings.size(key('vocab_size')),
    maxPositions: settings.size(key('context_length')),
    normEpsilon: settings.positive(key('attention.layer_norm_epsilon')),
    slidingWindow: undefined,
    tiedEmbeddings: true,
  };
}

function weightGroups({ hiddenSize: d, intermediateSize, vocabularySize, maxPositions, layers }: ModelConfig) {
  const pair = (name: string, ...shape: number[]) => [
    [{ name: `${name}.weight`, shape }],
    [{ name: `${name}.bias`, shape: shape.slice(-1) }],
  ];
  return [
    [{ name: 'transformer.wte.weight', shape: [vocabularySize, d] }],
    [{ name: 'transformer.wpe.weight', shape: [maxPositions, d] }],
    ...Array.from({ length: layers }, (_, layer) => layerName(layer)).flatMap((name) => [
      ...pair(`${name}.ln_1`, d),
      ...pair(`${name}.attn.c_attn`, d, 3 * d),
      ...pair(`${name}.attn.c_proj`, d, d),
      ...pair(`${name}.ln_2`, d),
      ...pair(`${name}.mlp.c_fc`, d, intermediateSize),
      ...pair(`${name}.mlp.c_proj`, intermediateSize, d),
    ]),
    ...pair('transformer.ln_f', d),
  ];
}
