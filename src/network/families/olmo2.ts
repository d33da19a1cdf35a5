import { decoder } from './decoder.js';
import type { Family } from './family.js';
import { type LlamaConfig, readLlamaConfig } from './llama-config.js';

/** OLMo-2 (OLMo Team 2024): norms behind each part instead of before it, and on all queries and all keys together. */
export const olmo2: Family<LlamaConfig> = {
  ...decoder({ norms: 'after', queryKeyNorms: 'all' }),
  name: 'olmo2',
  readConfig: (settings) => readLlamaConfig(settings, { family: 'olmo2', normEpsilon: 1e-5 }),
};
