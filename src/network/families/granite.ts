import { decoder } from './decoder.js';
import type { Family } from './family.js';
import { type LlamaConfig, readLlamaConfig } from './llama-config.js';
import { interleavedHeads, LLAMA_NAMES, readLlamaGguf } from './llama-gguf.js';

/** Granite (Granite Team 2024): Llama's layers with four multipliers. Its mixtures of experts are another family. */
export const granite: Family<LlamaConfig> = {
  ...decoder(),
  name: 'granite',
  readConfig: (settings) => ({
    ...readLlamaConfig(settings, { family: 'granite' }),
    embeddingMultiplier: settings.positive('embedding_multiplier', 1),
    residualMultiplier: settings.positive('residual_multiplier', 1),
    attentionScale: settings.positive('attention_multiplier', 1),
    logitsScaling: settings.positive('logits_scaling', 1),
  }),
  gguf: {
    architecture: 'granite',
    names: LLAMA_NAMES,
    arrangement: interleavedHeads,
    readConfig: async (settings, file) => ({
      ...(await readLlamaGguf(settings, file, 'granite')),
      embeddingMultiplier: settings.positive('granite.embedding_scale', 1),
      residualMultiplier: settings.positive('granite.residual_scale', 1),
      ...(settings.has('granite.attention.scale') && { attentionScale: settings.positive('granite.attention.scale') }),
      logitsScaling: settings.positive('granite.logit_scale', 1),
    }),
  },
};
