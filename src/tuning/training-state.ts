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

/** Reads what `writeTuningState` wrote. Errors: STATE_UNREADABLE. */
export async function readTuningState(
  path: string,
): Promise<{ readonly state: TuningState; readonly context: unknown }> {
  const { state, context } = await readStateFile(path, FORMAT);
  return { state: state as TuningState, context };
}
