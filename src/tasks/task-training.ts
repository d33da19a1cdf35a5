import type { LabelScores } from '../evaluation/label-scores.js';
import type { Weighing } from '../evaluation/label-weights.js';
import type { PromptSequence } from '../prompt/sequence.js';
import type { TuningSettings } from '../training/settings.js';
import type { TuningOutcome } from '../training/tune.js';
import type { TuningState } from '../training/tuning-state.js';

/** Where the state of one training is kept, so that a later call goes on from it. */
export interface KeptState {
  /** Undefined where nothing is kept. */
  read(): Promise<TuningState | undefined>;
  write(state: TuningState): Promise<void>;
  /** The same of another training of the same data, of which the better one is kept at last. */
  beside?(name: string): KeptState;
}

/** Where it is kept what the best prompt of a run came to, so that nobody measures it again. */
export interface KeptRun {
  /** Undefined where nothing is kept. */
  readRun(): Promise<unknown>;
  writeRun(run: unknown): Promise<void>;
}

export interface TaskTraining {
  readonly train: readonly PromptSequence[];
  readonly valid: readonly PromptSequence[];
  /** [N] where the training rows validate too: the part of each in cross-validation. */
  readonly folds?: Int32Array | undefined;
  /** [P, d] */
  readonly initial: Float32Array;
  readonly settings: TuningSettings;
  /** Default: none. */
  readonly classWeights?: 'auto' | Weighing | undefined;
  /** In cross-validation: what the training is hopelessly behind after a share of its updates, in words. */
  readonly behind?: ((heldOut: LabelScores, share: number) => string | undefined) | undefined;
}

export interface TaskOutcome extends TuningOutcome {
  /** Scores of the validation rows by what had not learned from them, where they are training rows. */
  readonly heldOut?: LabelScores | undefined;
}
