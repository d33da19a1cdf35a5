import { judgeScores } from '../evaluation/judgement.js';
import type { LabelScores } from '../evaluation/label-scores.js';
import type { MethodOptions } from '../methods/method-options.js';
import type { MethodName } from '../methods/registry.js';
import type { FrozenModel } from '../network/load-model.js';
import type { PromptNetwork } from '../network/prompt-network.js';
import { scoreSequences } from '../network/score-sequences.js';
import type { Trainable } from '../network/trainable.js';
import type { PromptSequence } from '../prompt/sequence.js';
import type { LearnedStart } from '../prompt/template-pieces.js';
import type { Validation } from '../training/tuning-state.js';
import type { DescribedNetwork } from './described-network.js';
import type { SavedPrompt } from './prompt-folder/saved-prompt.js';

/**
 * What a prompt is learned for on a frozen model: how an input becomes a sequence with scored candidates, what a prompt's
 * scores are, how good they are, and what the prompt's folder says of it. Training, resuming and saving are the same for
 * all of them (`trainTask`, `savedPrompt`).
 */
export interface Task<Input> {
  readonly model: FrozenModel;
  readonly method: MethodName;
  /** Settled for the model. */
  readonly methodOptions: MethodOptions;
  readonly trainable: Trainable;
  readonly network: PromptNetwork;
  /** The network for whoever may compute pieces of updates; undefined where it cannot be told. */
  readonly described?: DescribedNetwork | undefined;
  /** [P] where each learned token starts, if the template says so. */
  readonly starts: readonly LearnedStart[];
  /** Errors: FIELD_MISSING, LABEL_UNKNOWN, PROMPT_EMPTY, PROMPT_TOO_LONG. */
  encode(input: Input): PromptSequence;
  /** Scores [N, C] of each sequence's candidates; rejects with the signal's reason. */
  score(prompt: Float32Array, sequences: readonly PromptSequence[], options?: ScoringOptions): Promise<LabelScores>;
  /** How good a prompt is on sequences that all have a target: what the best one is chosen by. */
  validate(prompt: Float32Array, sequences: readonly PromptSequence[], options?: ScoringOptions): Promise<Validation>;
  /** Whether one validation is better than another. Default: by `isBetter` of `judgement.ts`. */
  readonly isBetter?: ((a: Validation, b: Validation) => boolean) | undefined;
  /** What `softprompt.json` says of the task. */
  record(): Pick<SavedPrompt, 'task' | 'template' | 'placement' | 'labels'>;
}

export interface ScoringOptions {
  readonly onProgress?: (done: number, all: number) => void;
  readonly signal?: AbortSignal;
}

/** `score` and `validate` of a task whose sequences have C candidates each: the target's share among them counts. */
export function candidateScoring(network: PromptNetwork, classes: number): Pick<Task<never>, 'score' | 'validate'> {
  const score: Task<never>['score'] = async (prompt, sequences, options = {}) => ({
    values: await scoreSequences(network, prompt, sequences, options),
    classes,
  });
  return {
    score,
    validate: async (prompt, sequences, options) => {
      // the candidates of one sequence are not those of another, so no F1 of theirs means anything
      const { accuracy, loss } = judgeScores(await score(prompt, sequences, options), targetsOf(sequences));
      return { accuracy, loss };
    },
  };
}

/** Right candidates [N] of sequences that all have one. */
export function targetsOf(sequences: readonly PromptSequence[]): Int32Array {
  return Int32Array.from(sequences, ({ target }) => target!);
}
