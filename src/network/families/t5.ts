import { z } from 'zod';
import * as op from '../../autodiff/build.js';
import type { Tensor } from '../../autodiff/tensor.js';
import type { ModelConfig } from '../checkpoint/config.js';
import type { Settings } from '../checkpoint/settings.js';
import type { NetworkGraph, SourceProjection } from '../network-graph.js';
import { relativeBias } from '../relative-positions.js';
import { type Activation, activate, readActivation, readLayers, refuseQuantized } from './common-settings.js';
import type { ExpectedWeight, Family } from './family.js';
import { selfAttention } from './self-attention.js';

/** The shape of a T5; `layers` are its decoder's. */
export interface T5Config extends ModelConfig {
  readonly encoderLayers: number;
  readonly buckets: number;
  readonly longestDistance: number;
  readonly activation: Activation;
  /** A gated feed-forward block (T5 1.1, mT5). */
  readonly gated: boolean;
  /** The decoder's states are divided by √d in front of the head (T5 1.0). */
  readonly scaledStates: boolean;
  readonly decoderStart: number;
}

type Graph = NetworkGraph<T5Config>;
type Stack = 'encoder' | 'decoder';

/** Relative positions reach any distance; what bounds a text is memory. */
const MAX_POSITIONS = 1 << 16;

/**
 * T5 (Raffel et al. 2020): an encoder that sees the whole text and a decoder that looks into it; norms without means before
 * each part, scores unscaled, with a bias by head for each bucket of distances, which the first layer of each side has for all.
 */
const t5Decoder: Omit<Family<T5Config>, 'name' | 'readConfig'> = {
  sees: 'source',
  wordTable: 'shared.weight',
  prefix: '',
  linears: {},
  layerName: (layer) => blockName('decoder', layer),
  record: z.object({
    encoderLayers: z.int().positive(),
    buckets: z.int().positive(),
    longestDistance: z.int().positive(),
    activation: z.enum(['gelu', 'geluTanh', 'relu']),
    gated: z.boolean(),
    scaledStates: z.boolean(),
    decoderStart: z.int().nonnegative(),
  }),
  fitToTensors: (config, names) => ({ ...config, tiedEmbeddings: !names.has('lm_head.weight') }),
  weightGroups,
  embed: (words) => words,
  encoder: {
    layers: ({ encoderLayers }) => encoderLayers,
    layer: (x, layer, graph) => feedForward(seeItself(x, 'encoder', layer, 'all', graph), 'encoder', layer, graph),
    finish: (x, graph) => norm(x, 'encoder.final_layer_norm', graph),
    decoderStart: ({ decoderStart }) => decoderStart,
    relative: { buckets: ({ buckets }) => buckets, longest: ({ longestDistance }) => longestDistance },
  },
  layer: (x, layer, rows, graph) => {
    const own = seeItself(x, 'decoder', layer, rows, graph);
    return feedForward(seeSource(own, layer, rows, graph), 'decoder', layer, graph);
  },
  finish: (x, graph) => norm(x, 'decoder.final_layer_norm', graph),
  head: (states, { config, weights }) => ({
    states: config.scaledStates ? op.scale(states, 1 / Math.sqrt(config.hiddenSize)) : states,
    words: weights.get(config.tiedEmbeddings ? 'shared.weight' : 'lm_head.weight'),
  }),
};

/** T5 1.0 and 1.1, and Flan-T5. */
export const t5: Family<T5Config> = {
  ...t5Decoder,
  name: 't5',
  readConfig: (settings) => {
    // settings of T5 1.1 say that the head is its own, and mean that the states are not scaled
    const scaled = settings.flag('scale_decoder_outputs', settings.flag('tie_word_embeddings', true));
    return readConfig(settings, 't5', 'relu', scaled);
  },
};

/** mT5 (Xue et al. 2021): T5 1.1 of a hundred languages. */
export const mt5: Family<T5Config> = {
  ...t5Decoder,
  name: 'mt5',
  readConfig: (settings) => readConfig(settings, 'mt5', 'gated-gelu', false),
};

const blockName = (stack: Stack, layer: number) => `${stack}.block.${layer}.layer`;

const norm = (x: Tensor, name: string, { config, weights }: Graph): Tensor =>
  op.rmsNorm(x, weights.get(`${name}.weight`), config.normEpsilon);

function seeItself(x: Tensor, stack: Stack, layer: number, rows: 'all' | 'ends', graph: Graph): Tensor {
  const name = blockName(stack, layer);
  const linear = (part: string) => (h: Tensor) => graph.linear(h, `${name}.0.SelfAttention.${part}`);
  const [queries, keys, values] = [linear('q'), linear('k'), linear('v')];
  const bias = relativeBias(`${blockName(stack, 0)}.0.SelfAttention.relative_attention_bias.weight`, graph);
  const enter = (h: Tensor) => norm(h, `${name}.0.layer_norm`, graph);
  const attentionLayer = { ...graph.attentionLayer(layer), scale: 1, bias };
  const { attended, residual } = selfAttention(x, rows, graph, attentionLayer, enter, {
    all: (h) => [op.concat([queries(h), keys(h)], 1), values(h)],
    each: { queries, keys, values },
  });
  return op.add(linear('o')(attended), residual);
}

function seeSource(x: Tensor, layer: number, rows: 'all' | 'ends', graph: Graph): Tensor {
  const name = `${blockName('decoder', layer)}.1`;
  const linear = (part: string, h: Tensor) => graph.linear(h, `${name}.EncDecAttention.${part}`);
  const queries = linear('q', norm(x, `${name}.layer_norm`, graph));
  const weight = (part: string) => graph.weights.get(`${name}.EncDecAttention.${part}.weight`);
  const projection: SourceProjection = {
    of: (states) => [linear('k', states), linear('v', states)],
    weights: () => [weight('k'), weight('v')],
  };
  return op.add(linear('o', graph.source!.attend(layer, rows, queries, projection, 1)), x);
}

function feedForward(x: Tensor, stack: Stack, layer: number, graph: Graph): Tensor {
  const name = `${blockName(stack, layer)}.${stack === 'encoder' ? 1 : 2}`;
  const { activation, gated } = graph.config;
  const linear = (part: string, h: Tensor) => graph.linear(h, `${name}.DenseReluDense.${part}`);
  const h = norm(x, `${name}.layer_norm`, graph);
  const inner = gated
    ? op.multiply(activate(activation, linear('wi_0', h)), linear('wi_1', h))
    : activate(activation, linear('wi', h));
  return op.add(linear('wo', inner), x);
}

function readConfig(settings: Settings, family: string, usualBlock: string, scaledStates: boolean): T5Config {
  refuseQuantized(settings);
  if (!settings.flag('is_encoder_decoder', true)) {
    throw settings.unsupported('is_encoder_decoder = false', 'an encoder and a decoder');
  }
  const block = settings.text('feed_forward_proj') ?? usualBlock;
  const gated = block.startsWith('gated-');
  const heads = settings.size('num_heads');
  const encoderLayers = readLayers(settings, 'num_layers');
  return {
    family,
    hiddenSize: settings.size('d_model'),
    intermediateSize: settings.size('d_ff'),
    layers:
      settings.get('num_decoder_layers') === undefined ? encoderLayers : readLayers(settings, 'num_decoder_layers'),
    encoderLayers,
    heads,
    keyValueHeads: heads,
    headSize: settings.size('d_kv', 64),
    vocabularySize: settings.size('vocab_size'),
    maxPositions: MAX_POSITIONS,
    normEpsilon: settings.positive('layer_norm_epsilon', 1e-6),
    slidingWindow: undefined,
    tiedEmbeddings: true,
    buckets: settings.size('relative_attention_num_buckets', 32),
    longestDistance: settings.size('relative_attention_max_distance', 128),
    // gated-gelu has always meant the approximation
    activation:
      block === 'gated-gelu' ? 'geluTanh' : readActivation(settings, 'feed_forward_proj', usualBlock, 'gated-'),
    gated,
    scaledStates,
    decoderStart: readStart(settings),
  };
}

function readStart(settings: Settings): number {
  const start = settings.get('decoder_start_token_id') ?? settings.get('pad_token_id') ?? 0;
  if (typeof start === 'number' && Number.isInteger(start) && start >= 0) return start;
  throw settings.invalid('decoder_start_token_id', 'an id');
}

function weightGroups(config: T5Config): readonly (readonly ExpectedWeight[])[] {
  const { hiddenSize: d, intermediateSize, heads, headSize, vocabularySize, gated, buckets } = config;
  const inner = heads * headSize;
  const alone = (name: string, ...shape: number[]) => [{ name: `${name}.weight`, shape }];
  const attention = (name: string) => [
    ...['q', 'k', 'v'].map((part) => alone(`${name}.${part}`, inner, d)),
    alone(`${name}.o`, d, inner),
  ];
  const stack = (kind: Stack, layers: number) => [
    ...Array.from({ length: layers }, (_, layer) => blockName(kind, layer)).flatMap((name, layer) => {
      const last = `${name}.${kind === 'encoder' ? 1 : 2}`;
      return [
        alone(`${name}.0.layer_norm`, d),
        ...attention(`${name}.0.SelfAttention`),
        ...(layer === 0 ? [alone(`${name}.0.SelfAttention.relative_attention_bias`, buckets, heads)] : []),
        ...(kind === 'decoder' ? [alone(`${name}.1.layer_norm`, d), ...attention(`${name}.1.EncDecAttention`)] : []),
        alone(`${last}.layer_norm`, d),
        ...(gated ? ['wi_0', 'wi_1'] : ['wi']).map((part) =>
          alone(`${last}.DenseReluDense.${part}`, intermediateSize, d),
        ),
        alone(`${last}.DenseReluDense.wo`, d, intermediateSize),
      ];
    }),
    alone(`${kind}.final_layer_norm`, d),
  ];
  return [
    alone('shared', vocabularySize, d),
    ...stack('encoder', config.encoderLayers),
    ...stack('decoder', config.layers),
    ...(config.tiedEmbeddings ? [] : [alone('lm_head', vocabularySize, d)]),
  ];
}
