import type { Interval } from './resampling.js';
import { summarizeRuns } from './summarize-runs.js';

/** 97.5 % quantiles of Student's t for 1 to 30 degrees of freedom. */
const QUANTILES = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** The 95 % interval of a mean of independent runs by Student's t; undefined for fewer than two runs. */
export function studentInterval(values: readonly number[]): Interval | undefined {
  const runs = values.length;
  if (runs < 2) return undefined;
  const { mean, standardDeviation } = summarizeRuns(values);
  const half = ((QUANTILES[runs - 2] ?? 1.96) * standardDeviation!) / Math.sqrt(runs);
  return [mean - half, mean + half];
}
