/** Share of examples whose predicted label is the right one: (1/N) Σ [ŷ = y]. Both arrays are [N], N ≥ 1. */
export function accuracy(predictions: Int32Array, targets: Int32Array): number {
  return targets.reduce((right, target, i) => right + (predictions[i] === target ? 1 : 0), 0) / targets.length;
}
