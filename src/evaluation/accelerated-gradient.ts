/**
 * Nesterov's accelerated gradient (1983) from zero.
 * @param step at most 1 over the curvature
 * @param gradient of what is minimised, at a point
 */
export function minimise(
  size: number,
  { step, iterations }: { readonly step: number; readonly iterations: number },
  gradient: (at: Float64Array) => Float64Array,
): Float64Array {
  let point = new Float64Array(size);
  let ahead = point;
  for (let iteration = 1; iteration <= iterations; iteration++) {
    const slope = gradient(ahead);
    const next = ahead.map((value, i) => value - step * slope[i]!);
    const momentum = (iteration - 1) / (iteration + 2);
    const before = point;
    ahead = next.map((value, i) => value + momentum * (value - before[i]!));
    point = next;
  }
  return point;
}
