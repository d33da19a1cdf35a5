import { largest } from '../extremes.js';
import { type LabelScores, logProbabilities } from './label-scores.js';
import { judgeLabels } from './predicted-labels.js';

/** Bins of the literature's usual figure. */
const DEFAULT_BINS = 15;

/**
 * Expected calibration error (Guo et al. 2017, "On Calibration of Modern Neural Networks", equation 3):
 * Σ_m |B_m|/N · |accuracy(B_m) − confidence(B_m)| over bins ((m−1)/M, m/M] of the highest probability.
 * `targets` is [N]; ties count as wrong.
 * Errors: as `checkTargets`.
 */
export function expectedCalibrationError(scores: LabelScores, targets: Int32Array, bins = DEFAULT_BINS): number {
  const { classes } = scores;
  const judged = judgeLabels(scores, targets);
  const logs = logProbabilities(scores);
  // Σ (correct − confidence) of each bin: its absolute value over N is the bin's share of the error.
  const gaps = new Float64Array(bins);
  targets.forEach((target, i) => {
    const confidence = Math.exp(largest(logs.subarray(i * classes, (i + 1) * classes)));
    const bin = Math.min(bins - 1, Math.ceil(confidence * bins) - 1);
    gaps[bin]! += (judged[i] === target ? 1 : 0) - confidence;
  });
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / targets.length;
}
