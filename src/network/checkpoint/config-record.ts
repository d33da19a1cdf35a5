import { z } from 'zod';
import { findFamily } from '../families/registry.js';
import type { ModelConfig } from './config.js';

const size = z.int().positive();

/** What all families have; a family's own fields pass through to be checked by it. */
const commonRecord = z
  .looseObject({
    family: z.string(),
    hiddenSize: size,
    embeddingSize: size.optional(),
    intermediateSize: size,
    layers: size,
    heads: size,
    keyValueHeads: size,
    headSize: size,
    vocabularySize: size,
    maxPositions: size,
    normEpsilon: z.number().positive(),
    slidingWindow: size.optional(),
    layerWindows: z.array(size.nullable()).optional(),
    tiedEmbeddings: z.boolean(),
  })
  .refine(({ heads, keyValueHeads }) => heads % keyValueHeads === 0)
  .refine((config) => {
    const family = findFamily(config.family);
    return family !== undefined && (family.record?.safeParse(config).success ?? true);
  });

/** A model's shape as the cache of converted weights keeps it. */
export const configRecord: z.ZodType<ModelConfig> = commonRecord.transform(
  ({ layerWindows, ...config }) =>
    ({
      ...config,
      // JSON leaves out what is undefined, and writes null in lists
      slidingWindow: config.slidingWindow,
      ...(layerWindows && { layerWindows: layerWindows.map((window) => window ?? undefined) }),
    }) as ModelConfig,
);
