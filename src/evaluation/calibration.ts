import { checkScores, type LabelScores, logProbabilities } from './label-scores.js';
import { median } from './percentile.js';

/**
 * A correction for labels that the model prefers whatever the text says: one log bias per label, to be subtracted.
 * Plain data, so that it can be kept beside a prompt.
 */
export interface Calibration {
  readonly method: 'contextual' | 'batch' | 'median';
  /** [C], in nats. */
  readonly logBias: readonly number[];
}

/** Texts without content, for `contextualCalibration` (Zhao et al. 2021, section 5). */
export const CONTENT_FREE_TEXTS = ['N/A', '', '[MASK]'] as const;

/**
 * Contextual calibration (Zhao et al. 2021, "Calibrate Before Use", section 5): q ∝ W·p with W = diag(p_cf)⁻¹, where
 * p_cf is the mean probability of each label over inputs without content. The result is normalised by its sum, not by a
 * second softmax: the order of the labels is the paper's, and probabilities stay probabilities.
 * `contentFree` is [inputs, C]. Errors: as `checkScores`.
 */
export function contextualCalibration(contentFree: LabelScores): Calibration {
  return { method: 'contextual', logBias: meanProbability(contentFree).map(Math.log) };
}

/**
 * Batch calibration (Zhou et al. 2024, "Batch Calibration"): q ∝ p / p̄, where p̄ is the mean probability of
 * each label over unlabelled inputs of the task. `unlabelled` is [inputs, C]. Errors: as `checkScores`.
 */
export function batchCalibration(unlabelled: LabelScores): Calibration {
  return { method: 'batch', logBias: meanProbability(unlabelled).map(Math.log) };
}

/**
 * Moves the decision to the median: subtracts each label's median log-probability over unlabelled inputs. With two
 * labels half of these inputs fall on either side, so it suits balanced tasks.
 * `unlabelled` is [inputs, C]. Errors: as `checkScores`.
 */
export function medianCalibration(unlabelled: LabelScores): Calibration {
  const logs = logProbabilities(unlabelled);
  const logBias = labelIndices(unlabelled).map((c) => median(column(logs, unlabelled, c)));
  return { method: 'median', logBias };
}

/** Corrected log-scores [N, C], to be normalised over the label set as any others. */
export function calibrate(calibration: Calibration, scores: LabelScores): LabelScores {
  const { classes } = scores;
  return { classes, values: scores.values.map((score, i) => score - calibration.logBias[i % classes]!) };
}

function meanProbability(scores: LabelScores): number[] {
  const logs = logProbabilities(scores);
  return labelIndices(scores).map((c) => {
    const sum = column(logs, scores, c).reduce((total, log) => total + Math.exp(log), 0);
    return sum / checkScores(scores);
  });
}

function labelIndices(scores: LabelScores): number[] {
  return Array.from({ length: scores.classes }, (_, c) => c);
}

function column(logs: Float64Array, { classes }: LabelScores, c: number): Float64Array {
  return logs.filter((_, i) => i % classes === c);
}
