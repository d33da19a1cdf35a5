import { Random } from '../random.js';
import { percentile } from './percentile.js';

export interface BootstrapOptions {
  readonly seed: number;
  /** Default 1,000. */
  readonly resamples?: number;
  /** Probability mass inside the interval; default 0.95. */
  readonly level?: number;
}

/** From low to high. */
export type Interval = readonly [low: number, high: number];

export interface PairedDifference {
  /** metric(candidate) − metric(reference) on everything. */
  readonly difference: number;
  readonly interval: Interval;
  /**
   * Two-sided: twice the smaller share of resamples on either side of 0 (a difference of 0 lies on both), with one
   * added to count and total so that it is never 0.
   */
  readonly pValue: number;
}

/** Resamples of `n` things, drawn with replacement: indices [n], in an array that the next resample overwrites. */
export function* resamples(n: number, options: BootstrapOptions): Generator<Int32Array> {
  const random = new Random(options.seed);
  const chosen = new Int32Array(n);
  for (let r = 0; r < (options.resamples ?? 1000); r++) {
    for (let i = 0; i < n; i++) chosen[i] = random.integer(n);
    yield chosen;
  }
}

/** The statistic of every resample, ascending. */
export function resample(
  n: number,
  options: BootstrapOptions,
  statistic: (chosen: Int32Array) => number,
): Float64Array {
  const values: number[] = [];
  for (const chosen of resamples(n, options)) values.push(statistic(chosen));
  return Float64Array.from(values).sort();
}

/** @param sorted ascending */
export function percentileInterval(sorted: Float64Array, level = 0.95): Interval {
  return [percentile(sorted, (1 - level) / 2), percentile(sorted, (1 + level) / 2)];
}

/** @param sorted the differences of all resamples, ascending */
export function summarizeDifferences(difference: number, sorted: Float64Array, level?: number): PairedDifference {
  const notAbove = sorted.filter((value) => value <= 0).length;
  const notBelow = sorted.filter((value) => value >= 0).length;
  return {
    difference,
    interval: percentileInterval(sorted, level),
    pValue: Math.min(1, (2 * (Math.min(notAbove, notBelow) + 1)) / (sorted.length + 1)),
  };
}
