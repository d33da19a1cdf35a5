import { z } from 'zod';
import type { AdamWState } from './adamw.js';
import { readStateFile, writeStateFile } from './state-file.js';

/** Scores of a prompt on the validation data. */
export interface Validation {
  readonly accuracy: number;
  /** Mean −log P of the right label among the labels, in nats. */
  readonly loss: number;
}

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

/** All that a run needs in order to go on bit for bit. */
export interface TuningState {
  /** Updates done. */
  readonly step: number;
  /** [P, d] the prompt now. */
  readonly prompt: Float32Array;
  readonly optimizer: AdamWState;
  readonly best: { readonly step: number; readonly validation: Validation; readonly prompt: Float32Array } | undefined;
  readonly validationsSinceBest: number;
  /** Training loss since the last validation: sum and number of updates. */
  readonly lossSum: number;
  readonly lossCount: number;
  /** Seconds and examples of training so far, validations not counted. */
  readonly trainingSeconds: number;
  readonly examples: number;
  readonly history: readonly HistoryLine[];
}

const FORMAT = 'softprompt training state 1';

/** Writes a state with everything the caller needs to continue (`context`, plain JSON); never leaves a torn file. */
export async function writeTuningState(path: string, state: TuningState, context: unknown): Promise<void> {
  await writeStateFile(path, FORMAT, { context, state });
}

const count = z.int().nonnegative();
const numbers = z.instanceof(Float32Array);
const validation = { accuracy: z.number(), loss: z.number() };

const tuningState: z.ZodType<TuningState> = z
  .object({
    step: count,
    prompt: numbers,
    optimizer: z.object({ step: count, firstMoment: numbers, secondMoment: numbers }),
    best: z.object({ step: count, validation: z.object(validation), prompt: numbers }).optional(),
    validationsSinceBest: count,
    lossSum: z.number(),
    lossCount: count,
    trainingSeconds: z.number(),
    examples: count,
    history: z.array(
      z.object({
        ...validation,
        step: count,
        epoch: z.number(),
        trainLoss: z.number(),
        learningRate: z.number(),
        examplesPerSecond: z.number(),
        best: z.boolean(),
      }),
    ),
  })
  .transform((state) => ({ ...state, best: state.best }))
  .refine(
    ({ prompt, optimizer: { firstMoment, secondMoment }, best }) =>
      [firstMoment, secondMoment, best?.prompt ?? prompt].every(({ length }) => length === prompt.length),
    { path: ['prompt'], message: 'Expected as many numbers as the moments and the best prompt have' },
  );

const stateFile = z.object({ state: tuningState, context: z.looseObject({}).nullable() });

/** Reads what `writeTuningState` wrote. Errors: STATE_UNREADABLE. */
export function readTuningState(
  path: string,
): Promise<{ readonly state: TuningState; readonly context: Readonly<Record<string, unknown>> | null }> {
  return readStateFile(path, FORMAT, stateFile);
}
