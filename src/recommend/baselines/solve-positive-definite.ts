/**
 * Solves A x = b by Cholesky A = L·Lᵀ (Golub & Van Loan 2013, section 4.2), in place.
 * @param a [d, d], its lower triangle; overwritten by L @param b [d]; overwritten by x
 */
export function solvePositiveDefinite(a: Float64Array, b: Float64Array): void {
  const d = b.length;
  for (let r = 0; r < d; r++) {
    let rest = b[r]!;
    for (let c = 0; c <= r; c++) {
      let value = a[r * d + c]!;
      for (let k = 0; k < c; k++) value -= a[r * d + k]! * a[c * d + k]!;
      if (c === r) a[r * d + r] = Math.sqrt(value);
      else {
        a[r * d + c] = value / a[c * d + c]!;
        rest -= a[r * d + c]! * b[c]!;
      }
    }
    b[r] = rest / a[r * d + r]!; // forward: L y = b
  }
  for (let r = d - 1; r >= 0; r--) {
    let value = b[r]!;
    for (let k = r + 1; k < d; k++) value -= a[k * d + r]! * b[k]!;
    b[r] = value / a[r * d + r]!; // backward: Lᵀ x = y
  }
}
