import { z } from 'zod';
import {
  maybeEndless,
  maybeFlag,
  maybeNumber,
  maybeText,
  maybeTexts,
  optionsSchema,
  text,
} from '../jobs/options-json.js';
import type { PretrainingOptions } from './pretraining-options.js';

/** `PretrainingOptions` as `training/run.json` keeps them. */
export const pretrainingOptionsRecord = optionsSchema<PretrainingOptions>({
  data: z.array(z.string()),
  encoding: maybeText,
  out: text,
  init: maybeText,
  tokenizer: maybeText,
  vocabulary: maybeNumber,
  width: maybeNumber,
  layers: maybeNumber,
  heads: maybeNumber,
  feedForward: maybeNumber,
  context: maybeNumber,
  length: maybeNumber,
  maxSteps: maybeNumber,
  batchTokens: maybeNumber,
  learningRate: maybeNumber,
  warmUp: maybeNumber,
  decay: z.enum(['linear', 'cosine', 'constant']).optional(),
  weightDecay: maybeNumber,
  clipNorm: maybeEndless,
  evaluateEvery: maybeNumber,
  validShare: maybeNumber,
  validTokens: maybeNumber,
  cues: maybeTexts,
  cueWeight: maybeNumber,
  seed: maybeNumber,
  threads: maybeNumber,
  overwrite: maybeFlag,
});
