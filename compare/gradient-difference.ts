export interface GradientDifference {
  readonly cosine: number;
  readonly maxDifference: number;
  /** Euclidean length of the difference, as a share of the expected gradient's. */
  readonly relativeError: number;
}

/** How far a gradient is from the one expected, in float64. */
export function gradientDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): GradientDifference {
  if (actual.length !== expected.length) throw new RangeError(`${actual.length} numbers for ${expected.length}`);
  let [product, actualSquares, expectedSquares, errorSquares, maxDifference] = [0, 0, 0, 0, 0];
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i]!, expected[i]!];
    product += a * e;
    actualSquares += a * a;
    expectedSquares += e * e;
    errorSquares += (a - e) ** 2;
    maxDifference = Math.max(maxDifference, Math.abs(a - e));
  }
  return {
    cosine: product / Math.sqrt(actualSquares * expectedSquares),
    maxDifference,
    relativeError: Math.sqrt(errorSquares / expectedSquares),
  };
}
