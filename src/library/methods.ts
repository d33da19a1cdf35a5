import type { MethodName } from '../methods/registry.js';

/** `method` of `tune`: learned input embeddings (Lester et al. 2021); the default. */
export const softPrompt = (): MethodName => 'soft';

/** `method` of `tune`: learned keys and values in every layer (Li & Liang 2021; P-tuning v2). */
export const prefix = (): MethodName => 'prefix';

/** `method` of `tune`: low-rank updates of linear layers (Hu et al. 2022). */
export const lora = (): MethodName => 'lora';
