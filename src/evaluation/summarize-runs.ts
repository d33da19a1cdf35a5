/** One figure over several seeds. */
export interface RunSummary {
  readonly runs: number;
  readonly mean: number;
  /** Of the sample: Σ(x − mean)² is divided by runs − 1. Null for a single run. */
  readonly standardDeviation: number | null;
}

/** Mean and standard deviation of one figure, one value per run (at least one). */
export function summarizeRuns(values: readonly number[]): RunSummary {
  const runs = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / runs;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { runs, mean, standardDeviation: runs > 1 ? Math.sqrt(squares / (runs - 1)) : null };
}
