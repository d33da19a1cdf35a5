import { accuracy } from '../../evaluation/accuracy.js';
import { type Calibration, calibrate } from '../../evaluation/calibration.js';
import { type LabelScores, logProbabilities } from '../../evaluation/label-scores.js';
import { negativeLogLikelihood } from '../../evaluation/negative-log-likelihood.js';
import { judgeLabels } from '../../evaluation/predicted-labels.js';

/** A prompt that is tried: words in the template's place, or the numbers of learned tokens. */
export type Candidate =
  | {
      readonly words: string;
      /** Training examples that stand in the words: they do not count. */
      readonly without?: readonly number[] | undefined;
    }
  | { readonly numbers: Float32Array };

/** What answers: a model on this machine or another. Which parts it can score, it knows. */
export interface PromptScorer {
  /** Of each candidate the label scores [N, C] on a split's examples. */
  score(candidates: readonly Candidate[], split: 'train' | 'valid' | 'test'): Promise<readonly LabelScores[]>;
  /** Whether candidates cost less together; else each is asked for alone, so that what was paid for is kept at once. */
  readonly together: boolean;
  /** Requests that were sent, where it is another machine. */
  readonly requests?: (() => number) | undefined;
  release(): Promise<void>;
}

/** How good a candidate is on the training examples. */
export interface Scored {
  readonly candidate: Candidate;
  readonly scores: LabelScores;
  readonly calibration: Calibration | undefined;
  /** Mean −log p of the right labels, in nats. */
  readonly loss: number;
  readonly accuracy: number;
}

/** @param targets right labels [N] */
export function judge(scores: LabelScores, targets: Int32Array, calibration: Calibration | undefined) {
  const calibrated = calibration === undefined ? scores : calibrate(calibration, scores);
  return {
    loss: negativeLogLikelihood(calibrated, targets),
    accuracy: accuracy(judgeLabels(calibrated, targets), targets),
  };
}

/** Scores and right labels without some examples. */
export function leavingOut(
  { values, classes }: LabelScores,
  targets: Int32Array,
  without: readonly number[],
): { readonly scores: LabelScores; readonly targets: Int32Array } {
  const left = new Set(without);
  const kept = (_: number, i: number) => !left.has(i);
  return {
    scores: { values: values.filter((_, i) => !left.has(Math.floor(i / classes))), classes },
    targets: targets.filter(kept),
  };
}

/**
 * Batch calibration (Zhou et al. 2024) that keeps the training labels' own shares: what a label's probability is in the mean
 * beyond its share is taken from it.
 */
export function calibrationOf(scores: LabelScores, targets: Int32Array): Calibration {
  const { classes } = scores;
  const logs = logProbabilities(scores);
  const logBias = Array.from({ length: classes }, (_, c) => {
    const mean = targets.reduce((sum, _t, i) => sum + Math.exp(logs[i * classes + c]!), 0) / targets.length;
    const share = targets.reduce((sum, target) => sum + Number(target === c), 0) / targets.length;
    return Math.log(Math.max(mean, 1e-12)) - Math.log(Math.max(share, 0.5 / targets.length));
  });
  return { method: 'batch', logBias };
}
