import { z } from 'zod';

/** The frozen model of a prompt or recommender, as `softprompt.json` names it. */
export const baseModelRecord = z.object({
  source: z.string(),
  hub: z
    .object({
      repository: z.string().min(1),
      commit: z.string().regex(/^[0-9a-f]{40}$/, 'Expected a commit in hex'),
      file: z.string().exactOptional(),
    })
    .optional(),
  gguf: z.string().optional(),
  hash: z.string().regex(/^[0-9a-f]{64}$/, 'Expected a sha256 in hex'),
  hiddenSize: z.int().positive(),
  embeddingSize: z.int().positive().optional(),
  layers: z.int().positive(),
  heads: z.int().positive(),
  vocabularySize: z.int().positive(),
  masked: z.boolean().optional(),
  encoderDecoder: z.boolean().optional(),
  transposed: z.boolean().optional(),
});
