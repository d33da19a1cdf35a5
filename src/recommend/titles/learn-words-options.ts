import { z } from 'zod';
import { maybeEndless, maybeFlag, maybeNumber, maybeText, optionsSchema, text } from '../../jobs/options-json.js';
import type { TuneOptions } from '../../tasks/tune-options.js';
import type { RecommendDataOptions } from '../fit-options.js';
import { dataOptions } from '../fit-options-record.js';

export interface LearnWordsOptions
  extends RecommendDataOptions,
    Pick<TuneOptions, 'epochs' | 'maxSteps' | 'batchSize' | 'learningRate' | 'evaluateEvery' | 'patience' | 'seed'> {
  readonly model: string;
  readonly items: string;
  readonly titleColumn?: string | undefined;
  /** Where the prompt goes. */
  readonly out: string;
  /** Replaces a prompt that is there, and discards the state of a call that differs from this one. */
  readonly overwrite?: boolean | undefined;
  /** Whether the state of training stays after success. Default: no. */
  readonly keepTraining?: boolean | undefined;
  /** With learned tokens. Default: ten of them in front of WORDS_TEMPLATE. */
  readonly template?: string | undefined;
  readonly maxLength?: number | undefined;
  readonly maxHistory?: number | undefined;
  /** Items that stand beside the next one. Default: 19. */
  readonly negatives?: number | undefined;
  /** Places of each user's history that are predicted. Default: 1. */
  readonly perUser?: number | undefined;
  /** Users learned from at most, drawn by the seed. Default: 20,000. */
  readonly trainUsers?: number | undefined;
  /** Users that validate at most, drawn by the seed. Default: 200. */
  readonly validUsers?: number | undefined;
  readonly threads?: number | undefined;
}

/** `LearnWordsOptions` as `training/words-run.json` keeps them. */
export const learnWordsRecord = optionsSchema<LearnWordsOptions>({
  ...dataOptions,
  items: text,
  model: text,
  titleColumn: maybeText,
  out: text,
  overwrite: maybeFlag,
  keepTraining: maybeFlag,
  template: maybeText,
  maxLength: maybeNumber,
  maxHistory: maybeNumber,
  negatives: maybeNumber,
  perUser: maybeNumber,
  trainUsers: maybeNumber,
  validUsers: maybeNumber,
  epochs: maybeNumber,
  maxSteps: maybeNumber,
  batchSize: maybeNumber,
  learningRate: z.union([z.number(), z.literal('auto')]).optional(),
  evaluateEvery: maybeNumber,
  patience: maybeEndless,
  seed: maybeNumber,
  threads: maybeNumber,
});
