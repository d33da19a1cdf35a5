import { checkTargets, type LabelScores, logProbabilities } from './label-scores.js';

/**
 * Mean negative log-likelihood of the right labels, in nats: −(1/N) Σ log p(yᵢ), p normalised over the label set.
 * `targets` is [N]. Errors: as `checkTargets`.
 */
export function negativeLogLikelihood(scores: LabelScores, targets: Int32Array): number {
  checkTargets(scores, targets);
  const logs = logProbabilities(scores);
  return -targets.reduce((sum, target, i) => sum + logs[i * scores.classes + target]!, 0) / targets.length;
}
