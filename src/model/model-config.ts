import type { ModelConfig, RopeConfig } from './config.js';
import { Settings } from './settings.js';

/** The families and transformers' default of num_key_value_heads; undefined stands for as many as query heads. */
const FAMILIES = { llama: undefined, mistral: 8, qwen2: 32 } as const;
/** transformers' defaults for mistral and qwen2. */
const DEFAULT_SLIDING_WINDOW = 4096;
const DEFAULT_MAX_WINDOW_LAYERS = 28;
/** More layers than any model has: a bound on what hostile settings can make us build. */
export const MAX_LAYERS = 1024;

/**
 * The shape of a model from the text of its `config.json`, as transformers 4 or 5 write it; `path` serves error messages.
 * Errors: MODEL_CONFIG_INVALID, MODEL_UNSUPPORTED.
 */
export function parseModelConfig(path: string, text: string): ModelConfig {
  const settings = Settings.fromJson(path, text);
  const family = settings.text('model_type');
  if (family !== 'llama' && family !== 'mistral' && family !== 'qwen2') {
    throw settings.unsupported(
      `model_type ${JSON.stringify(family)}`,
      `model_type ${Object.keys(FAMILIES).join(', ')}`,
    );
  }
  refuseUnsupported(settings);
  const layers = settings.size('num_hidden_layers', undefined, MAX_LAYERS);
  const heads = settings.size('num_attention_heads');
  const hiddenSize = settings.size('hidden_size');
  return checkHeads(settings, {
    family,
    hiddenSize,
    intermediateSize: settings.size('intermediate_size'),
    layers,
    heads,
    keyValueHeads: settings.size('num_key_value_heads', FAMILIES[family] ?? heads),
    headSize: settings.size('head_dim', hiddenSize / heads),
    vocabularySize: settings.size('vocab_size'),
    maxPositions: settings.size('max_position_embeddings'),
    normEpsilon: settings.positive('rms_norm_eps', 1e-6),
    rope: readRope(settings),
    slidingWindow: readSlidingWindow(settings, family, layers),
    tiedEmbeddings: settings.flag('tie_word_embeddings', false),
    attentionBias: family === 'qwen2',
  });
}

/** Checks how the heads divide the width. Errors: MODEL_CONFIG_INVALID. */
export function checkHeads(settings: Settings, config: ModelConfig): ModelConfig {
  if (config.heads % config.keyValueHeads !== 0) {
    throw settings.invalid('num_key_value_heads', `a divisor of the ${config.heads} query heads`);
  }
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
  if (settings.get('quantization_config') !== undefined) {
    throw settings.unsupported('quantization_config', 'safetensors of type F32, F16 or BF16, or a GGUF file');
  }
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

function readSlidingWindow(settings: Settings, family: ModelConfig['family'], layers: number): number | undefined {
  if (family === 'llama' || (family === 'qwen2' && !settings.flag('use_sliding_window', false))) return undefined;
  if (settings.has('sliding_window') && settings.get('sliding_window') === undefined) return undefined;
  const window = settings.size('sliding_window', DEFAULT_SLIDING_WINDOW);
  if (family === 'mistral') return window;
  // Qwen2 slides only from a layer on; the network has one window for all layers.
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
