import { z } from 'zod';
import { DATABASE_TYPES } from '../data/read-database.js';
import {
  maybeFlag,
  maybeNumber,
  maybeObject,
  maybeText,
  maybeTexts,
  optionsSchema,
  text,
} from '../jobs/options-json.js';
import type { RecommendOptions } from './fit-options.js';

const autoOrAlways = z.enum(['auto', 'always']).optional();

/** How interactions are read, filtered and split, in the options of whatever learns from them. */
export const dataOptions = {
  interactions: z.union([text, z.object({ type: z.enum(DATABASE_TYPES), database: text, query: text })]),
  interactionTable: maybeObject<object>(),
  items: maybeText,
  itemTable: maybeObject<object>(),
  minRating: maybeNumber,
  kCore: maybeNumber,
  split: z.enum(['leave-one-out', 'time']).optional(),
  validShare: maybeNumber,
  testShare: maybeNumber,
};

/** `RecommendOptions` as `training/fit.json` and a recommender's record keep them. */
export const fitOptionsRecord = optionsSchema<RecommendOptions>({
  ...dataOptions,
  model: maybeText,
  out: text,
  overwrite: maybeFlag,
  keepTraining: maybeFlag,
  itemTemplate: maybeText,
  layers: maybeNumber,
  maxTextLength: maybeNumber,
  textWidth: maybeNumber,
  text: z.enum(['auto', 'always', 'never']).optional(),
  learnPrompt: maybeFlag,
  users: maybeText,
  userTable: maybeObject(),
  userAttributes: maybeTexts,
  userVectors: maybeFlag,
  userTokens: autoOrAlways,
  itemItem: maybeFlag,
  refit: maybeFlag,
  baselines: maybeFlag,
  validUsers: maybeNumber,
  testUsers: maybeNumber,
  network: maybeObject(),
  seed: maybeNumber,
  threads: maybeNumber,
});
