import { decoder } from './decoder.js';
import type { Family } from './family.js';
import { type LlamaConfig, readLlamaConfig } from './llama-config.js';
import { LLAMA_NAMES, readLlamaGguf } from './llama-gguf.js';

/** OLMo-2 (OLMo Team 2024): norms behind each part instead of before it, and on all queries and all keys together. */
export const olmo2: Family<LlamaConfig> = {
  ...decoder({ norms: 'after', queryKeyNorms: 'all' }),
  name: 'olmo2',
  readConfig: (settings) => readLlamaConfig(settings, { family: 'olmo2', normEpsilon: 1e-5 }),
  gguf: {
    architecture: 'olmo2',
    names: {
      ...LLAMA_NAMES,
      attn_q_norm: 'self_attn.q_norm',
      attn_k_norm: 'self_attn.k_norm',
      post_attention_norm: 'post_attention_layernorm',
      post_ffw_norm: 'post_feedforward_layernorm',
    },
    readConfig: (settings, file) => readLlamaGguf(settings, file, 'olmo2'),
  },
};
