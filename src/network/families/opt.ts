import { z } from 'zod';
import * as op from '../../autodiff/build.js';
import type { Tensor } from '../../autodiff/tensor.js';
import { embeddingWidth, type ModelConfig } from '../checkpoint/config.js';
import type { Settings } from '../checkpoint/settings.js';
import type { NetworkGraph } from '../network-graph.js';
import {
  type Activation,
  activate,
  readActivation,
  readLayers,
  refuseQuantized,
  sharedHeadSize,
} from './common-settings.js';
import type { ExpectedWeight, Family } from './family.js';
import { selfAttention } from './self-attention.js';

/** The shape of an OPT. */
interface OptConfig extends ModelConfig {
  readonly activation: Activation;
  /** Norms stand before each part; else behind it, and none at the end (OPT-350m). */
  readonly normsBefore: boolean;
  readonly finalNorm: boolean;
  /** Biases of all linear layers. */
  readonly biases: boolean;
}

type Graph = NetworkGraph<OptConfig>;

/** Rows of the table of positions that no text uses. */
const SKIPPED_POSITIONS = 2;
const NORM_EPSILON = 1e-5;

/** OPT (Zhang et al. 2022): learned positions, ReLU, norms before each part or behind it, words' embeddings that may be narrower. */
export const opt: Family<OptConfig> = {
  name: 'opt',
  sees: 'before',
  wordTable: 'model.decoder.embed_tokens.weight',
  prefix: 'model.',
  layerName,
  linears: {
    query: 'self_attn.q_proj',
    key: 'self_attn.k_proj',
    value: 'self_attn.v_proj',
    'attention output': 'self_attn.out_proj',
    'feed-forward input': 'fc1',
    'feed-forward output': 'fc2',
  },
  record: z.object({
    activation: z.enum(['gelu', 'geluTanh', 'relu']),
    normsBefore: z.boolean(),
    finalNorm: z.boolean(),
    biases: z.boolean(),
  }),
  readConfig,
  weightGroups,
  embed: (words, graph) => {
    const { maxPositions, embeddingSize } = graph.config;
    const table = graph.weights.get('model.decoder.embed_positions.weight');
    const positions = op.split(table, 0, [SKIPPED_POSITIONS, maxPositions])[1]!;
    const x = embeddingSize === undefined ? words : graph.linear(words, 'model.decoder.project_in');
    return op.add(x, op.gather(positions, graph.positions('all')));
  },
  layer: (x, layer, rows, graph) => {
    const name = layerName(layer);
    const { normsBefore, activation, biases } = graph.config;
    const normed = (part: string, h: Tensor) => norm(h, `${name}.${part}`, graph);
    const linear = (part: string) => (h: Tensor) => graph.linear(h, `${name}.${part}`, { bias: biases });
    const [queries, keys, values] = ['q_proj', 'k_proj', 'v_proj'].map((part) => linear(`self_attn.${part}`));
    const enter = (h: Tensor) => (normsBefore ? normed('self_attn_layer_norm', h) : h);
    const { attended, residual } = selfAttention(x, rows, graph, graph.attentionLayer(layer), enter, {
      all: (h) => [op.concat([queries!(h), keys!(h)], 1), values!(h)],
      each: { queries: queries!, keys: keys!, values: values! },
    });
    const added = op.add(linear('self_attn.out_proj')(attended), residual);
    const mixed = normsBefore ? added : normed('self_attn_layer_norm', added);
    const read = normsBefore ? normed('final_layer_norm', mixed) : mixed;
    const fed = op.add(linear('fc2')(activate(activation, linear('fc1')(read))), mixed);
    return normsBefore ? fed : normed('final_layer_norm', fed);
  },
  finish: (x, graph) => (graph.config.finalNorm ? norm(x, 'model.decoder.final_layer_norm', graph) : x),
  head: (states, graph) => {
    const { tiedEmbeddings, embeddingSize } = graph.config;
    return {
      states: embeddingSize === undefined ? states : graph.linear(states, 'model.decoder.project_out'),
      words: graph.weights.get(tiedEmbeddings ? 'model.decoder.embed_tokens.weight' : 'lm_head.weight'),
    };
  },
};

function layerName(layer: number): string {
  return `model.decoder.layers.${layer}`;
}

const norm = (x: Tensor, name: string, { weights }: Graph): Tensor =>
  op.layerNorm(x, weights.get(`${name}.weight`), weights.get(`${name}.bias`), NORM_EPSILON);

function readConfig(settings: Settings): OptConfig {
  refuseQuantized(settings);
  if (!settings.flag('layer_norm_elementwise_affine', true)) {
    throw settings.unsupported('layer_norm_elementwise_affine = false', 'true');
  }
  const hiddenSize = settings.size('hidden_size');
  const heads = settings.size('num_attention_heads');
  const embeddingSize = settings.size('word_embed_proj_dim', hiddenSize);
  const normsBefore = settings.flag('do_layer_norm_before', true);
  return {
    family: 'opt',
    hiddenSize,
    ...(embeddingSize !== hiddenSize && { embeddingSize }),
    intermediateSize: settings.size('ffn_dim'),
    layers: readLayers(settings, 'num_hidden_layers'),
    heads,
    keyValueHeads: heads,
    headSize: sharedHeadSize(settings, 'num_attention_heads', hiddenSize, heads),
    vocabularySize: settings.size('vocab_size'),
    maxPositions: settings.size('max_position_embeddings'),
    normEpsilon: NORM_EPSILON,
    slidingWindow: undefined,
    tiedEmbeddings: settings.flag('tie_word_embeddings', true),
    activation: readActivation(settings, 'activation_function', 'relu'),
    normsBefore,
    finalNorm: normsBefore && !settings.flag('_remove_final_layer_norm', false),
    biases: settings.flag('enable_bias', true),
  };
}

function weightGroups(config: OptConfig): readonly (readonly ExpectedWeight[])[] {
  const { hiddenSize: d, intermediateSize, vocabularySize, maxPositions, biases } = config;
  const e = embeddingWidth(config);
  const alone = (name: string, ...shape: number[]) => [{ name, shape }];
  const dense = (name: string, out: number, from: number) => [
    alone(`${name}.weight`, out, from),
    ...(biases ? [alone(`${name}.bias`, out)] : []),
  ];
  const normed = (name: string) => [alone(`${name}.weight`, d), alone(`${name}.bias`, d)];
  return [
    alone('model.decoder.embed_tokens.weight', vocabularySize, e),
    alone('model.decoder.embed_positions.weight', maxPositions + SKIPPED_POSITIONS, d),
    ...(e === d
      ? []
      : [alone('model.decoder.project_in.weight', d, e), alone('model.decoder.project_out.weight', e, d)]),
    ...Array.from({ length: config.layers }, (_, layer) => layerName(layer)).flatMap((name) => [
      ...normed(`${name}.self_attn_layer_norm`),
      ...['q_proj', 'k_proj', 'v_proj', 'out_proj'].flatMap((part) => dense(`${name}.self_attn.${part}`, d, d)),
      ...normed(`${name}.final_layer_norm`),
      ...dense(`${name}.fc1`, intermediateSize, d),
      ...dense(`${name}.fc2`, d, intermediateSize),
    ]),
    ...(config.finalNorm ? normed('model.decoder.final_layer_norm') : []),
    ...(config.tiedEmbeddings ? [] : [alone('lm_head.weight', vocabularySize, e)]),
  ];
}
