import { decoder } from './decoder.js';
import type { Family } from './family.js';
import { type LlamaConfig, llamaConfigJson, readLlamaConfig } from './llama-config.js';
import { interleavedHeads, LLAMA_NAMES, readLlamaGguf } from './llama-gguf.js';

/** Llama 2 and 3, SmolLM2, TinyLlama (Touvron et al. 2023). */
export const llama: Family<LlamaConfig> = {
  ...decoder(),
  pretraining: {
    intoResidual: /(o_proj|down_proj)\.weight$/,
    isPlain: ({ rope, slidingWindow, layerWindows, tiedEmbeddings, attentionBias, feedForwardBias }) =>
      rope.scaling.type === 'none' &&
      rope.size === undefined &&
      slidingWindow === undefined &&
      layerWindows === undefined &&
      tiedEmbeddings &&
      !attentionBias &&
      !feedForwardBias,
    configJson: llamaConfigJson,
  },
  name: 'llama',
  readConfig: (settings) => readLlamaConfig(settings, { family: 'llama' }),
  gguf: {
    architecture: 'llama',
    names: LLAMA_NAMES,
    arrangement: interleavedHeads,
    readConfig: (settings, file) => readLlamaGguf(settings, file, 'llama'),
  },
};

/** Llama with a sliding window (Jiang et al. 2023). GGUF files of Mistral say that they are `llama`. */
export const mistral: Family<LlamaConfig> = {
  ...decoder(),
  name: 'mistral',
  readConfig: (settings) => readLlamaConfig(settings, { family: 'mistral', keyValueHeads: 8, window: 'always' }),
};

/** Llama with biases on queries, keys and values: Qwen1.5 to Qwen2.5. */
export const qwen2: Family<LlamaConfig> = {
  ...decoder(),
  name: 'qwen2',
  readConfig: (settings) =>
    readLlamaConfig(settings, {
      family: 'qwen2',
      keyValueHeads: 32,
      window: 'where use_sliding_window is set',
      biases: true,
    }),
  gguf: {
    architecture: 'qwen2',
    names: LLAMA_NAMES,
    readConfig: (settings, file) => readLlamaGguf(settings, file, 'qwen2', { biases: true }),
  },
};
