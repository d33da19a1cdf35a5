/** The value below which a share `q` of sorted values lies, with linear interpolation (NumPy's default). */
export function percentile(sorted: Float64Array, q: number): number {
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}

/** Of values in any order; NaN where there are none. */
export function median(values: ArrayLike<number>): number {
  return values.length === 0 ? Number.NaN : percentile(Float64Array.from(values).sort(), 0.5);
}
