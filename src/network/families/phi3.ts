import { decoder } from './decoder.js';
import type { Family } from './family.js';
import { type LlamaConfig, readLlamaConfig } from './llama-config.js';
import { LLAMA_NAMES, readLlamaGguf } from './llama-gguf.js';

/**
 * Phi-3 and Phi-4 (Abdin et al. 2024): Llama's layers with queries, keys and values in one matrix and gate and up in
 * another, LongRoPE, and positions that may turn a part of each head only.
 */
export const phi3: Family<LlamaConfig> = {
  ...decoder({ fused: true }),
  name: 'phi3',
  readConfig: (settings) => {
    for (const bias of ['attention_bias', 'mlp_bias']) {
      if (settings.flag(bias, false)) throw settings.unsupported(bias, 'no biases');
    }
    return readLlamaConfig(settings, { family: 'phi3', window: 'where given', normEpsilon: 1e-5 });
  },
  gguf: {
    architecture: 'phi3',
    names: { ...LLAMA_NAMES, attn_qkv: 'self_attn.qkv_proj', ffn_up: 'mlp.gate_up_proj' },
    readConfig: (settings, file) =>
      readLlamaGguf(settings, file, 'phi3', { windows: (window) => ({ slidingWindow: window }) }),
  },
};
