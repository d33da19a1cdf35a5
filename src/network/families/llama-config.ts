import { z } from 'zod';
import type { ModelConfig } from '../checkpoint/config.js';
import type { Settings } from '../checkpoint/settings.js';
import type { RopeConfig } from '../rope.js';
import { checkHeads, readLayers, refuseQuantized } from './common-settings.js';

/** The shape of a decoder of the Llama family. */
export interface LlamaConfig extends ModelConfig {
  readonly rope: RopeConfig;
  /** Biases on q, k and v (Qwen2). */
  readonly attentionBias: boolean;
}

const positive = z.number().positive();

/** What `LlamaConfig` has beyond the settings of all families. */
export const llamaRecord = z.object({
  rope: z.object({
    theta: positive,
    scaling: z.discriminatedUnion('type', [
      z.object({ type: z.literal('none') }),
      z.object({ type: z.literal('linear'), factor: positive }),
      z.object({
        type: z.literal('llama3'),
        factor: positive,
        lowFrequencyFactor: positive,
        highFrequencyFactor: positive,
        originalMaxPositions: z.int().positive(),
      }),
    ]),
  }),
  attentionBias: z.boolean(),
});

/** In what the families differ whose layers are Llama's. */
export interface LlamaKind {
  readonly family: string;
  /** transformers' default of num_key_value_heads; default: as many as query heads. */
  readonly keyValueHeads?: number;
  /** transformers' default of head_dim; default: the width divided by the query heads. */
  readonly headSize?: number;
  readonly window?: 'always' | 'where use_sliding_window is set';
  readonly biases?: boolean;
}

/** transformers' defaults for mistral and qwen2. */
const DEFAULT_SLIDING_WINDOW = 4096;
const DEFAULT_MAX_WINDOW_LAYERS = 28;

/** Reads config.json as transformers 4 or 5 write it. Errors: MODEL_CONFIG_INVALID, MODEL_UNSUPPORTED. */
export function readLlamaConfig(settings: Settings, kind: LlamaKind): LlamaConfig {
  refuseUnsupported(settings);
  const layers = readLayers(settings, 'num_hidden_layers');
  const heads = settings.size('num_attention_heads');
  const hiddenSize = settings.size('hidden_size');
  return checkRotary(settings, {
    family: kind.family,
    hiddenSize,
    intermediateSize: settings.size('intermediate_size'),
    layers,
    heads,
    keyValueHeads: settings.size('num_key_value_heads', kind.keyValueHeads ?? heads),
    headSize: settings.size('head_dim', kind.headSize ?? hiddenSize / heads),
    vocabularySize: settings.size('vocab_size'),
    maxPositions: settings.size('max_position_embeddings'),
    normEpsilon: settings.positive('rms_norm_eps', 1e-6),
    rope: readRope(settings),
    slidingWindow: readSlidingWindow(settings, kind.window, layers),
    tiedEmbeddings: settings.flag('tie_word_embeddings', false),
    attentionBias: kind.biases ?? false,
  });
}

/** Checks how the heads divide the width, and that halves of them can be rotated. Errors: MODEL_CONFIG_INVALID. */
export function checkRotary(settings: Settings, config: LlamaConfig): LlamaConfig {
  checkHeads(settings, config);
  if (config.headSize % 2 !== 0) throw settings.invalid('head_dim', 'an even size, which rotary embedding needs');
  return config;
}

/** Features that change the result and that the network does not have. */
function refuseUnsupported(settings: Settings): void {
  const activation = settings.text('hidden_act') ?? 'silu';
  if (activation !== 'silu') throw settings.unsupported(`the activation ${activation}`, 'silu');
  for (const flag of ['attention_bias', 'mlp_bias']) {
    if (settings.flag(flag, false)) throw settings.unsupported(flag, 'no biases, except on q, k and v of qwen2');
  }
  refuseQuantized(settings);
  for (const place of [settings, settings.group('rope_parameters')]) {
    if (place !== undefined && place.positive('partial_rotary_factor', 1) !== 1) {
      throw place.unsupported('partial_rotary_factor', 'rotary embedding of whole heads');
    }
  }
}

/** transformers 4 writes `rope_theta` and `rope_scaling`, transformers 5 `rope_parameters` with everything in it. */
function readRope(settings: Settings): RopeConfig {
  const parameters = settings.group('rope_parameters');
  const theta = (parameters ?? settings).positive('rope_theta', settings.positive('rope_theta', 10000));
  const scaling = parameters ?? settings.group('rope_scaling');
  if (scaling === undefined) return { theta, scaling: { type: 'none' } };
  const type = scaling.text('rope_type') ?? scaling.text('type') ?? 'default';
  switch (type) {
    case 'default':
      return { theta, scaling: { type: 'none' } };
    case 'linear':
      return { theta, scaling: { type: 'linear', factor: scaling.positive('factor') } };
    case 'llama3':
      return { theta, scaling: readLlama3(scaling, settings) };
    default:
      throw scaling.unsupported(`the rope type '${type}'`, "the rope type 'default', 'linear' or 'llama3'");
  }
}

function readLlama3(scaling: Settings, settings: Settings): RopeConfig['scaling'] {
  const lowFrequencyFactor = scaling.positive('low_freq_factor');
  const highFrequencyFactor = scaling.positive('high_freq_factor');
  if (highFrequencyFactor <= lowFrequencyFactor) throw scaling.invalid('high_freq_factor', 'more than low_freq_factor');
  return {
    type: 'llama3',
    factor: scaling.positive('factor'),
    lowFrequencyFactor,
    highFrequencyFactor,
    originalMaxPositions: scaling.size('original_max_position_embeddings', settings.size('max_position_embeddings')),
  };
}

function readSlidingWindow(settings: Settings, kind: LlamaKind['window'], layers: number): number | undefined {
  if (kind === undefined) return undefined;
  if (kind !== 'always' && !settings.flag('use_sliding_window', false)) return undefined;
  if (settings.has('sliding_window') && settings.get('sliding_window') === undefined) return undefined;
  const window = settings.size('sliding_window', DEFAULT_SLIDING_WINDOW);
  if (kind === 'always') return window;
  // Qwen2 slides only from a layer on; its masks are one for all layers.
  const fullLayers = countFullLayers(settings, layers);
  if (fullLayers === layers) return undefined;
  if (fullLayers === 0) return window;
  throw settings.unsupported('a sliding window in some layers only', 'one in all layers, or in none');
}

function countFullLayers(settings: Settings, layers: number): number {
  const types = settings.get('layer_types');
  if (Array.isArray(types)) return types.filter((type) => type === 'full_attention').length;
  const first = settings.get('max_window_layers') ?? DEFAULT_MAX_WINDOW_LAYERS;
  if (typeof first !== 'number') throw settings.invalid('max_window_layers', 'a number of layers');
  return Math.min(Math.max(first, 0), layers);
}

/** What transformers reads of a plain Llama. */
export function llamaConfigJson(config: LlamaConfig): Readonly<Record<string, unknown>> {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.keyValueHeads,
    head_dim: config.headSize,
    vocab_size: config.vocabularySize,
    max_position_embeddings: config.maxPositions,
    rms_norm_eps: config.normEpsilon,
    rope_theta: config.rope.theta,
    hidden_act: 'silu',
    attention_bias: false,
    mlp_bias: false,
    tie_word_embeddings: config.tiedEmbeddings,
  };
}
