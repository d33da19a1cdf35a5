import { z } from 'zod';
import type { ModelConfig } from '../checkpoint/config.js';
import type { Settings } from '../checkpoint/settings.js';
import type { RopeConfig } from '../rope.js';
import { checkHeads, readLayers, refuseQuantized } from './common-settings.js';
import { readLayerWindows, type WindowRule } from './layer-windows.js';
import { type RopeDefaults, readRope, ropeRecord } from './rope-settings.js';

/** The shape of a decoder whose layers are Llama's or nearly so. What is optional is absent in a Llama. */
export interface LlamaConfig extends ModelConfig {
  readonly rope: RopeConfig;
  /** Rotary positions of the layers that have a window, where they are others (Gemma 3). */
  readonly windowRope?: RopeConfig | undefined;
  /** Biases on q, k and v (Qwen2). */
  readonly attentionBias: boolean;
  readonly outputBias?: boolean | undefined;
  readonly feedForwardBias?: boolean | undefined;
  /** What all embeddings, learned tokens included, are multiplied with (Granite). */
  readonly embeddingMultiplier?: number | undefined;
  /** What words' embeddings alone are multiplied with (Gemma). */
  readonly wordMultiplier?: number | undefined;
  /** What each part adds to the residual stream is multiplied with (Granite). */
  readonly residualMultiplier?: number | undefined;
  /** What products of queries and keys are multiplied with; default 1/√s. */
  readonly attentionScale?: number | undefined;
  /** What logits are divided by (Granite). */
  readonly logitsScaling?: number | undefined;
  /** See `AttentionLayer.cap` and `WordHead.cap` (Gemma 2). */
  readonly attentionCap?: number | undefined;
  readonly logitsCap?: number | undefined;
  /** What is added to the norms' weights: 1 where they are kept as differences from 1 (Gemma). */
  readonly normOffset?: number | undefined;
}

const positive = z.number().positive().optional();

/** What `LlamaConfig` has beyond the settings of all families. */
export const llamaRecord = z.object({
  rope: ropeRecord,
  windowRope: ropeRecord.optional(),
  attentionBias: z.boolean(),
  outputBias: z.boolean().optional(),
  feedForwardBias: z.boolean().optional(),
  embeddingMultiplier: positive,
  wordMultiplier: positive,
  residualMultiplier: positive,
  attentionScale: positive,
  logitsScaling: positive,
  attentionCap: positive,
  logitsCap: positive,
  normOffset: positive,
});

/** In what the settings of families differ whose layers are Llama's. */
export interface LlamaKind {
  readonly family: string;
  /** transformers' default of num_key_value_heads; default: as many as query heads. */
  readonly keyValueHeads?: number;
  /** transformers' default of head_dim; default: the width divided by the query heads. */
  readonly headSize?: number;
  readonly window?: WindowRule;
  /** Whether q, k and v have biases, where no setting says so (Qwen2). */
  readonly biases?: boolean;
  readonly activation?: { readonly key: string; readonly allowed: readonly string[]; readonly default: string };
  readonly tied?: boolean;
  readonly normEpsilon?: number;
  readonly rope?: RopeDefaults;
}

const SILU = { key: 'hidden_act', allowed: ['silu'], default: 'silu' };

/** Reads config.json as transformers 4 or 5 write it. Errors: MODEL_CONFIG_INVALID, MODEL_UNSUPPORTED. */
export function readLlamaConfig(settings: Settings, kind: LlamaKind): LlamaConfig {
  refuseQuantized(settings);
  const { key, allowed, default: usual } = kind.activation ?? SILU;
  const activation = settings.text(key) ?? usual;
  if (!allowed.includes(activation)) throw settings.unsupported(`the activation ${activation}`, allowed.join(' or '));
  const layers = readLayers(settings, 'num_hidden_layers');
  const heads = settings.size('num_attention_heads');
  const hiddenSize = settings.size('hidden_size');
  const headSize = settings.size('head_dim', kind.headSize ?? hiddenSize / heads);
  const allBiases = kind.biases === undefined && settings.flag('attention_bias', false);
  return checkRotary(settings, {
    family: kind.family,
    hiddenSize,
    intermediateSize: settings.size('intermediate_size'),
    layers,
    heads,
    keyValueHeads: settings.size('num_key_value_heads', kind.keyValueHeads ?? heads),
    headSize,
    vocabularySize: settings.size('vocab_size'),
    maxPositions: settings.size('max_position_embeddings'),
    normEpsilon: settings.positive('rms_norm_eps', kind.normEpsilon ?? 1e-6),
    rope: readRope(settings, headSize, kind.rope),
    ...readLayerWindows(settings, kind.window, layers),
    tiedEmbeddings: settings.flag('tie_word_embeddings', kind.tied ?? false),
    attentionBias: kind.biases ?? allBiases,
    ...(allBiases && { outputBias: true }),
    ...(settings.flag('mlp_bias', false) && { feedForwardBias: true }),
  });
}

/** Checks how the heads divide the width, and that halves of them can be rotated. Errors: MODEL_CONFIG_INVALID. */
export function checkRotary(settings: Settings, config: LlamaConfig): LlamaConfig {
  checkHeads(settings, config);
  if (config.headSize % 2 !== 0) throw settings.invalid('head_dim', 'an even size, which rotary embedding needs');
  return config;
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
