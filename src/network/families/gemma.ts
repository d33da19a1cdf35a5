import type { GgufFile } from '../../weights/gguf.js';
import type { Settings } from '../checkpoint/settings.js';
import { decoder } from './decoder.js';
import type { Family } from './family.js';
import { type LlamaConfig, type LlamaKind, readLlamaConfig } from './llama-config.js';
import { LLAMA_NAMES, type LlamaGgufKind, readLlamaGguf } from './llama-gguf.js';
import { readRopeGroup } from './rope-settings.js';

const HEAD_SIZE = 256;

const BOTH_NORMS = {
  ...LLAMA_NAMES,
  post_attention_norm: 'post_attention_layernorm',
  ffn_norm: 'pre_feedforward_layernorm',
  post_ffw_norm: 'post_feedforward_layernorm',
};

/** A window in all layers but each so-many-th. */
const allButEach = (period: number) => (window: number, layers: number) => ({
  slidingWindow: undefined,
  layerWindows: Array.from({ length: layers }, (_, layer) => ((layer + 1) % period === 0 ? undefined : window)),
});

/** Models of 27 billion scale by the width that a head would have if the heads shared the model's (llama.cpp, `f_attention_scale`). */
const LAYERS_OF_27B: Readonly<Record<string, number>> = { gemma2: 46, gemma3: 62 };

/** llama.cpp keeps norms' weights whole, and words' scale in its code. */
async function readGemmaGguf(settings: Settings, file: GgufFile, architecture: string, kind: LlamaGgufKind = {}) {
  const config = await readLlamaGguf(settings, file, architecture, kind);
  const shared = config.layers === LAYERS_OF_27B[architecture] ? config.hiddenSize / config.heads : config.headSize;
  return { ...config, wordMultiplier: Math.sqrt(config.hiddenSize), attentionScale: 1 / Math.sqrt(shared) };
}

/**
 * Gemma (Gemma Team 2024): words' embeddings times √d, norms whose weights are kept as differences from 1, GELU's tanh
 * approximation as gate, heads of a size that the width does not decide.
 */
export const gemma: Family<LlamaConfig> = {
  ...decoder({ activation: 'geluTanh' }),
  name: 'gemma',
  readConfig: (settings) => ({
    ...readGemma(settings, {
      ...{ family: 'gemma', keyValueHeads: 16 },
      // the first release said gelu and meant its approximation
      activation: { key: 'hidden_act', allowed: [...TANH, 'gelu'], default: 'gelu_pytorch_tanh' },
    }),
  }),
  gguf: {
    architecture: 'gemma',
    names: LLAMA_NAMES,
    readConfig: (settings, file) => readGemmaGguf(settings, file, 'gemma'),
  },
};

/** Gemma 2 (Gemma Team 2024): norms before and after each part, scores and logits kept below a cap, a window in every other layer. */
export const gemma2: Family<LlamaConfig> = {
  ...decoder({ activation: 'geluTanh', norms: 'both' }),
  name: 'gemma2',
  readConfig: (settings) => ({
    ...readGemma(settings, { ...{ family: 'gemma2', keyValueHeads: 4 }, window: { allButEach: 2, window: 4096 } }),
    ...attentionScale(settings),
    ...cap(settings, 'attentionCap', 'attn_logit_softcapping', 50),
    ...cap(settings, 'logitsCap', 'final_logit_softcapping', 30),
  }),
  gguf: {
    architecture: 'gemma2',
    names: BOTH_NORMS,
    readConfig: async (settings, file) => ({
      ...(await readGemmaGguf(settings, file, 'gemma2', { windows: allButEach(2) })),
      ...cap(settings, 'attentionCap', 'gemma2.attn_logit_softcapping'),
      ...cap(settings, 'logitsCap', 'gemma2.final_logit_softcapping'),
    }),
  },
};

/** Gemma 3 (Gemma Team 2025), its text model: norms of heads in place of caps, a window and rotary positions of their own in five layers of six. */
export const gemma3: Family<LlamaConfig> = {
  ...decoder({ activation: 'geluTanh', norms: 'both', queryKeyNorms: 'heads' }),
  name: 'gemma3_text',
  readConfig: (settings) => {
    const config = readGemma(settings, {
      ...{ family: 'gemma3_text', keyValueHeads: 4 },
      window: { allButEach: 6, window: 4096 },
    });
    if (settings.flag('use_bidirectional_attention', false)) {
      throw settings.unsupported('use_bidirectional_attention', 'a causal model');
    }
    return {
      ...config,
      ...readRopes(settings, config.headSize),
      ...attentionScale(settings),
      ...cap(settings, 'logitsCap', 'final_logit_softcapping'),
    };
  },
  gguf: {
    architecture: 'gemma3',
    names: { ...BOTH_NORMS, attn_q_norm: 'self_attn.q_norm', attn_k_norm: 'self_attn.k_norm' },
    readConfig: async (settings, file) => ({
      ...(await readGemmaGguf(settings, file, 'gemma3', { family: 'gemma3_text', windows: allButEach(6) })),
      windowRope: { theta: settings.positive('gemma3.rope.freq_base_swa', 10000), scaling: { type: 'none' } },
      ...cap(settings, 'logitsCap', 'gemma3.final_logit_softcapping'),
    }),
  },
};

const TANH = ['gelu_pytorch_tanh', 'gelu_new'];

function readGemma(settings: Settings, kind: LlamaKind): LlamaConfig {
  const config = readLlamaConfig(settings, {
    headSize: HEAD_SIZE,
    tied: true,
    activation: { key: 'hidden_activation', allowed: TANH, default: 'gelu_pytorch_tanh' },
    ...kind,
  });
  return { ...config, wordMultiplier: Math.sqrt(config.hiddenSize), normOffset: 1 };
}

const attentionScale = (settings: Settings) => ({
  attentionScale: 1 / Math.sqrt(settings.positive('query_pre_attn_scalar', HEAD_SIZE)),
});

/** A cap that is off where the setting is null. */
function cap(settings: Settings, name: 'attentionCap' | 'logitsCap', key: string, usual?: number) {
  const off = settings.get(key) === undefined && (usual === undefined || settings.has(key));
  return off ? {} : { [name]: settings.positive(key, usual) };
}

/** transformers 4 writes the scaling of layers that see all as `rope_scaling`, transformers 5 both kinds under `rope_parameters`. */
function readRopes(settings: Settings, headSize: number): Pick<LlamaConfig, 'rope' | 'windowRope'> {
  const both = settings.group('rope_parameters');
  const full = both?.group('full_attention') ?? settings.group('rope_scaling');
  return {
    rope: readRopeGroup(settings, full, headSize, { theta: settings.positive('rope_theta', 1e6) }),
    windowRope: readRopeGroup(settings, both?.group('sliding_attention'), headSize, {
      theta: settings.positive('rope_local_base_freq', 10000),
    }),
  };
}
