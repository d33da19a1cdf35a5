import { largest } from '../extremes.js';
import { type LabelScores, logProbabilities } from './label-scores.js';
import { judgeLabels } from './predicted-labels.js';

/** Bins of the literature's usual figure. */
const DEFAULT_BINS = 15;

/** Answers of about the same confidence. */
export interface ReliabilityBin {
  readonly examples: number;
  /** Mean of the highest probabilities. */
  readonly confidence: number;
  /** Share of right answers. */
  readonly accuracy: number;
}

/**
 * How sure answers are beside how often they are right, in bins ((m−1)/M, m/M] of the highest probability; empty ones are
 * left out. `targets` is [N]; ties count as wrong.
 * Errors: as `checkTargets`.
 */
export function reliabilityBins(scores: LabelScores, targets: Int32Array, bins = DEFAULT_BINS): ReliabilityBin[] {
  const { classes } = scores;
  const judged = judgeLabels(scores, targets);
  const logs = logProbabilities(scores);
  const sums = Array.from({ length: bins }, () => ({ examples: 0, confidence: 0, right: 0 }));
  targets.forEach((target, i) => {
    const confidence = Math.exp(largest(logs.subarray(i * classes, (i + 1) * classes)));
    const bin = sums[Math.min(bins - 1, Math.ceil(confidence * bins) - 1)]!;
    bin.examples += 1;
    bin.confidence += confidence;
    bin.right += judged[i] === target ? 1 : 0;
  });
  return sums
    .filter(({ examples }) => examples > 0)
    .map(({ examples, confidence, right }) => ({
      examples,
      confidence: confidence / examples,
      accuracy: right / examples,
    }));
}

/**
 * Expected calibration error (Guo et al. 2017, "On Calibration of Modern Neural Networks", equation 3):
 * Σ_m |B_m|/N · |accuracy(B_m) − confidence(B_m)| over the bins of `reliabilityBins`.
 * Errors: as `checkTargets`.
 */
export function expectedCalibrationError(scores: LabelScores, targets: Int32Array, bins = DEFAULT_BINS): number {
  const gap = ({ examples, confidence, accuracy }: ReliabilityBin) => examples * Math.abs(accuracy - confidence);
  return reliabilityBins(scores, targets, bins).reduce((sum, bin) => sum + gap(bin), 0) / targets.length;
}
