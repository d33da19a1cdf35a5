import {
  type BootstrapOptions,
  type Interval,
  type PairedDifference,
  percentileInterval,
  resample,
  summarizeDifferences,
} from './resampling.js';

/** A figure of predicted against right labels, both [N]. */
export type LabelMetric = (predictions: Int32Array, targets: Int32Array) => number;

/**
 * Percentile bootstrap interval (Efron & Tibshirani 1993, chapter 13) over examples drawn with replacement.
 * It holds what varies from one test set to the next, not what varies from one tuning run to the next.
 */
export function bootstrapInterval(
  metric: LabelMetric,
  predictions: Int32Array,
  targets: Int32Array,
  options: BootstrapOptions,
): Interval {
  const values = resample(targets.length, options, (chosen) =>
    metric(pick(predictions, chosen), pick(targets, chosen)),
  );
  return percentileInterval(values, options.level);
}

/**
 * Whether `candidate` beats `reference` on the same examples: both are judged on the same resamples
 * (Koehn 2004, "Statistical Significance Tests for Machine Translation Evaluation", section 4).
 */
export function pairedBootstrap(
  metric: LabelMetric,
  candidate: Int32Array,
  reference: Int32Array,
  targets: Int32Array,
  options: BootstrapOptions,
): PairedDifference {
  const differences = resample(targets.length, options, (chosen) => {
    const right = pick(targets, chosen);
    return metric(pick(candidate, chosen), right) - metric(pick(reference, chosen), right);
  });
  return summarizeDifferences(metric(candidate, targets) - metric(reference, targets), differences, options.level);
}

function pick(values: Int32Array, chosen: Int32Array): Int32Array {
  return chosen.map((i) => values[i]!);
}
