/** Counts [C][C]: row = right label, column = predicted label. `predictions` and `targets` are [N]. */
export function confusionMatrix(predictions: Int32Array, targets: Int32Array, classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  targets.forEach((target, i) => {
    counts[target]![predictions[i]!]! += 1;
  });
  return counts;
}
