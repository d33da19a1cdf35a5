import { z } from 'zod';
import type { ModelConfig } from './config.js';

const size = z.int().positive();
const positive = z.number().positive();

/** A model's shape as the cache of converted weights keeps it. */
export const configRecord: z.ZodType<ModelConfig> = z
  .object({
    family: z.enum(['llama', 'mistral', 'qwen2']),
    hiddenSize: size,
    intermediateSize: size,
    layers: size,
    heads: size,
    keyValueHeads: size,
    headSize: size,
    vocabularySize: size,
    maxPositions: size,
    normEpsilon: positive,
    rope: z.object({
      theta: positive,
      scaling: z.discriminatedUnion('type', [
        z.object({ type: z.literal('none') }),
        z.object({ type: z.literal('linear'), factor: positive }),
        z.object({
          type: z.literal('llama3'),
          factor: positive,
          lowFrequencyFactor: positive,
          highFrequencyFactor: positive,
          originalMaxPositions: size,
        }),
      ]),
    }),
    slidingWindow: size.optional(),
    tiedEmbeddings: z.boolean(),
    attentionBias: z.boolean(),
  })
  .refine(({ heads, keyValueHeads }) => heads % keyValueHeads === 0)
  // JSON leaves out what is undefined
  .transform((config) => ({ ...config, slidingWindow: config.slidingWindow }));
