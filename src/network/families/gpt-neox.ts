import { z } from 'zod';
import * as op from '../../autodiff/build.js';
import { multiplySizes, type Size } from '../../autodiff/size.js';
import type { Tensor } from '../../autodiff/tensor.js';
import type { GgufFile } from '../../weights/gguf.js';
import type { ModelConfig } from '../checkpoint/config.js';
import type { Settings } from '../checkpoint/settings.js';
import type { NetworkGraph } from '../network-graph.js';
import { type RopeConfig, rotaryConstants, rotateHeads } from '../rope.js';
import {
  type Activation,
  activate,
  readActivation,
  readLayers,
  refuseQuantized,
  sharedHeadSize,
} from './common-settings.js';
import type { ExpectedWeight, Family } from './family.js';
import { readRope, ropeRecord } from './rope-settings.js';
import { selfAttention } from './self-attention.js';

/** The shape of a GPT-NeoX. */
interface NeoxConfig extends ModelConfig {
  readonly rope: RopeConfig;
  readonly activation: Activation;
  /** Attention and feed-forward block both read the layer's input. */
  readonly parallel: boolean;
  readonly attentionBias: boolean;
}

type Graph = NetworkGraph<NeoxConfig>;

/**
 * GPT-NeoX (Black et al. 2022) and Pythia: rotary positions on a part of each head, queries, keys and values of a head side
 * by side in one matrix, attention and feed-forward block side by side, biases everywhere.
 */
export const gptNeox: Family<NeoxConfig> = {
  name: 'gpt_neox',
  sees: 'before',
  wordTable: 'gpt_neox.embed_in.weight',
  prefix: 'gpt_neox.',
  // the causal masks and frequencies that old checkpoints hold
  ignored: /\.attention\.(masked_)?bias$/,
  layerName,
  linears: {
    'queries, keys and values': 'attention.query_key_value',
    'attention output': 'attention.dense',
    'feed-forward input': 'mlp.dense_h_to_4h',
    'feed-forward output': 'mlp.dense_4h_to_h',
  },
  record: z.object({
    rope: ropeRecord,
    activation: z.enum(['gelu', 'geluTanh', 'relu']),
    parallel: z.boolean(),
    attentionBias: z.boolean(),
  }),
  readConfig,
  weightGroups,
  embed: (words) => words,
  layer: (x, layer, rows, graph) => {
    const name = layerName(layer);
    const { rope, headSize, attentionBias, activation, parallel } = graph.config;
    const { attended, residual } = selfAttention(
      x,
      rows,
      graph,
      graph.attentionLayer(layer),
      (h) => norm(h, `${name}.input_layernorm`, graph),
      {
        all: (h) => byPart(graph.linear(h, `${name}.attention.query_key_value`, { bias: attentionBias }), graph.config),
        rotate: (h, which, heads) => {
          const tables = graph.once('rotary', () => rotaryConstants(rope, headSize, graph.maxPositions));
          return rotateHeads(h, tables, graph.positions(which), { heads, headSize });
        },
      },
    );
    const mixed = op.add(graph.linear(attended, `${name}.attention.dense`, { bias: attentionBias }), residual);
    const read = norm(parallel ? residual : mixed, `${name}.post_attention_layernorm`, graph);
    const inner = activate(activation, graph.linear(read, `${name}.mlp.dense_h_to_4h`, { bias: true }));
    return op.add(graph.linear(inner, `${name}.mlp.dense_4h_to_h`, { bias: true }), mixed);
  },
  gguf: {
    architecture: 'gptneox',
    names: {
      ...{ token_embd: 'gpt_neox.embed_in', output_norm: 'gpt_neox.final_layer_norm', output: 'embed_out' },
      ...{ attn_norm: 'input_layernorm', attn_qkv: 'attention.query_key_value', attn_output: 'attention.dense' },
      ...{ ffn_norm: 'post_attention_layernorm', ffn_up: 'mlp.dense_h_to_4h', ffn_down: 'mlp.dense_4h_to_h' },
    },
    arrangement: (name) => (name.includes('.query_key_value.') ? 'parts apart' : undefined),
    readConfig: async (settings, file) => readGguf(settings, file),
  },
  finish: (x, graph) => norm(x, 'gpt_neox.final_layer_norm', graph),
  head: (states, { config, weights }) => ({
    states,
    words: weights.get(config.tiedEmbeddings ? 'gpt_neox.embed_in.weight' : 'embed_out.weight'),
  }),
};

function layerName(layer: number): string {
  return `gpt_neox.layers.${layer}`;
}

const norm = (x: Tensor, name: string, { config, weights }: Graph): Tensor =>
  op.layerNorm(x, weights.get(`${name}.weight`), weights.get(`${name}.bias`), config.normEpsilon);

/** [N, H·3·s], each head's query, key and value together → queries and keys [N, 2·H·s], values [N, H·s]. */
function byPart(x: Tensor, { heads: H, headSize: s }: NeoxConfig): readonly [Tensor, Tensor] {
  const rows = x.shape[0] as Size;
  const parts = op.split(op.reshape(x, [multiplySizes(rows, H), 3 * s]), 1, [s, s, s]);
  const [queries, keys, values] = parts.map((part) => op.reshape(part, [rows, H * s]));
  return [op.concat([queries!, keys!], 1), values!];
}

function readConfig(settings: Settings): NeoxConfig {
  refuseQuantized(settings);
  const hiddenSize = settings.size('hidden_size');
  const heads = settings.size('num_attention_heads');
  const headSize = sharedHeadSize(settings, 'num_attention_heads', hiddenSize, heads);
  return {
    family: 'gpt_neox',
    hiddenSize,
    intermediateSize: settings.size('intermediate_size'),
    layers: readLayers(settings, 'num_hidden_layers'),
    heads,
    keyValueHeads: heads,
    headSize,
    vocabularySize: settings.size('vocab_size'),
    maxPositions: settings.size('max_position_embeddings'),
    normEpsilon: settings.positive('layer_norm_eps', 1e-5),
    slidingWindow: undefined,
    tiedEmbeddings: settings.flag('tie_word_embeddings', false),
    rope: readRope(settings, headSize, { thetaKey: 'rotary_emb_base', shareKey: 'rotary_pct', share: 0.25 }),
    activation: readActivation(settings, 'hidden_act', 'gelu'),
    parallel: settings.flag('use_parallel_residual', true),
    attentionBias: settings.flag('attention_bias', true),
  };
}

/** GPT-NeoX as llama.cpp writes it. Errors: MODEL_CONFIG_INVALID. */
function readGguf(settings: Settings, file: GgufFile): NeoxConfig {
  const key = (name: string) => `gptneox.${name}`;
  const hiddenSize = settings.size(key('embedding_length'));
  const heads = settings.size(key('attention.head_count'));
  const headSize = sharedHeadSize(settings, key('attention.head_count'), hiddenSize, heads);
  const turning = settings.size(key('rope.dimension_count'), headSize);
  if (turning > headSize || turning % 2 !== 0) {
    throw settings.invalid(key('rope.dimension_count'), `an even number up to the head's size, ${headSize}`);
  }
  return {
    family: 'gpt_neox',
    hiddenSize,
    intermediateSize: settings.size(key('feed_forward_length')),
    layers: readLayers(settings, key('block_count')),
    heads,
    keyValueHeads: heads,
    headSize,
    vocabularySize: file.tensors.get('token_embd.weight')?.shape[0] ?? settings.size(key('vocab_size')),
    maxPositions: settings.size(key('context_length')),
    normEpsilon: settings.positive(key('attention.layer_norm_epsilon')),
    slidingWindow: undefined,
    tiedEmbeddings: !file.tensors.has('output.weight'),
    rope: {
      theta: settings.positive(key('rope.freq_base'), 10000),
      ...(turning !== headSize && { size: turning }),
      scaling: { type: 'none' },
    },
    activation: 'gelu',
    parallel: settings.flag(key('use_parallel_residual'), true),
    attentionBias: file.tensors.has('blk.0.attn_qkv.bias'),
  };
}

function weightGroups(config: NeoxConfig): readonly (readonly ExpectedWeight[])[] {
  const { hiddenSize: d, intermediateSize, vocabularySize } = config;
  const alone = (name: string, ...shape: number[]) => [{ name, shape }];
  const dense = (name: string, out: number, from: number, bias = true) => [
    alone(`${name}.weight`, out, from),
    ...(bias ? [alone(`${name}.bias`, out)] : []),
  ];
  const normed = (name: string) => [alone(`${name}.weight`, d), alone(`${name}.bias`, d)];
  return [
    alone('gpt_neox.embed_in.weight', vocabularySize, d),
    ...Array.from({ length: config.layers }, (_, layer) => layerName(layer)).flatMap((name) => [
      ...normed(`${name}.input_layernorm`),
      ...dense(`${name}.attention.query_key_value`, 3 * d, d, config.attentionBias),
      ...dense(`${name}.attention.dense`, d, d, config.attentionBias),
      ...normed(`${name}.post_attention_layernorm`),
      ...dense(`${name}.mlp.dense_h_to_4h`, intermediateSize, d),
      ...dense(`${name}.mlp.dense_4h_to_h`, d, intermediateSize),
    ]),
    ...normed('gpt_neox.final_layer_norm'),
    ...(config.tiedEmbeddings ? [] : [alone('embed_out.weight', vocabularySize, d)]),
  ];
}
