import { z } from 'zod';
import {
  maybeEndless,
  maybeFlag,
  maybeNumber,
  maybeObject,
  maybeText,
  optionsSchema,
  text,
} from '../jobs/options-json.js';
import { METHOD_NAMES } from '../methods/method.js';
import type { InitialisationName, TuneOptions } from './tune-options.js';

const textByName = z.record(z.string(), z.string());

/** `TuneOptions` as `training/run.json` keeps them. */
export const tuneOptionsRecord = optionsSchema<TuneOptions>({
  model: text,
  template: text,
  labels: textByName,
  train: text,
  valid: maybeText,
  test: maybeText,
  out: text,
  overwrite: maybeFlag,
  keepTraining: maybeFlag,
  columns: textByName.optional(),
  labelColumn: maybeText,
  table: maybeObject(),
  validShare: maybeNumber,
  shots: maybeNumber,
  maxLength: maybeNumber,
  loss: z.enum(['vocabulary', 'labels']).optional(),
  initialisation: maybeText as z.ZodType<InitialisationName | undefined>,
  method: z.enum(METHOD_NAMES).optional(),
  epochs: maybeNumber,
  maxSteps: maybeNumber,
  batchSize: maybeNumber,
  accumulation: maybeNumber,
  learningRate: z.union([z.number(), z.literal('auto')]).optional(),
  warmUp: maybeNumber,
  decay: z.enum(['linear', 'cosine', 'constant']).optional(),
  weightDecay: maybeNumber,
  clipNorm: maybeEndless,
  evaluateEvery: maybeNumber,
  patience: maybeEndless,
  seed: maybeNumber,
  seeds: maybeNumber,
  searchMinutes: maybeNumber,
  calibrate: maybeFlag,
  baselines: maybeFlag,
  threads: maybeNumber,
});
