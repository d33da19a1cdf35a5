import { decoder } from './decoder.js';
import type { Family } from './family.js';
import { type LlamaConfig, readLlamaConfig } from './llama-config.js';
import { LLAMA_NAMES, readLlamaGguf } from './llama-gguf.js';

/** transformers' default of head_dim, which the width does not decide. */
const HEAD_SIZE = 128;

/** Llama's layers with a norm on each head's queries and keys (Yang et al. 2025). Mixtures of experts are another family. */
export const qwen3: Family<LlamaConfig> = {
  ...decoder({ queryKeyNorms: 'heads' }),
  name: 'qwen3',
  readConfig: (settings) =>
    readLlamaConfig(settings, {
      family: 'qwen3',
      keyValueHeads: 32,
      headSize: HEAD_SIZE,
      window: 'where use_sliding_window is set',
    }),
  gguf: {
    architecture: 'qwen3',
    names: { ...LLAMA_NAMES, attn_q_norm: 'self_attn.q_norm', attn_k_norm: 'self_attn.k_norm' },
    readConfig: (settings, file) => readLlamaGguf(settings, file, 'qwen3'),
  },
};
