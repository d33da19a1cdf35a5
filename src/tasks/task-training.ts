import type { PromptSequence } from '../prompt/sequence.js';
import type { TuningSettings } from '../training/settings.js';
import type { TuningState } from '../training/tuning-state.js';

/** Where the state of one training is kept, so that a later call goes on from it. */
export interface KeptState {
  /** Undefined where nothing is kept. */
  read(): Promise<TuningState | undefined>;
  write(state: TuningState): Promise<void>;
}

export interface TaskTraining {
  readonly train: readonly PromptSequence[];
  readonly valid: readonly PromptSequence[];
  /** [P, d] */
  readonly initial: Float32Array;
  readonly settings: TuningSettings;
}
