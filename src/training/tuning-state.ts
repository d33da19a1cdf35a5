import { z } from 'zod';
import type { Judgement } from '../evaluation/judgement.js';
import { readTrainingState, writeTrainingState } from './state-file.js';
import type { TrainingState } from './training-state.js';

/** Scores of a prompt on the validation data. */
export type Validation = Judgement;

/** One line of `history.jsonl`: what was seen at a validation. */
export interface HistoryLine extends Validation {
  readonly step: number;
  /** Epochs done, with a fraction. */
  readonly epoch: number;
  /** Mean training loss since the validation before. */
  readonly trainLoss: number;
  readonly learningRate: number;
  readonly examplesPerSecond: number;
  readonly best: boolean;
}

/** The state of a prompt's training; its one array, `prompt`, is [P, d]. */
export type TuningState = TrainingState<Validation, HistoryLine>;

const validation = {
  ...{ accuracy: z.number(), loss: z.number() },
  ...{ macroF1: z.number().optional(), examples: z.int().optional() },
};
const line: z.ZodType<HistoryLine> = z.object({
  step: z.int().nonnegative(),
  epoch: z.number(),
  trainLoss: z.number(),
  ...validation,
  learningRate: z.number(),
  examplesPerSecond: z.number(),
  best: z.boolean(),
});
const records = { score: z.object(validation), line };

/** Writes a state with everything the caller needs to continue (`context`, plain JSON); never leaves a torn file. */
export const writeTuningState: (path: string, state: TuningState, context: unknown) => Promise<void> =
  writeTrainingState;

/** Reads what `writeTuningState` wrote. Errors: STATE_UNREADABLE. */
export const readTuningState = (path: string) => readTrainingState(path, records);
