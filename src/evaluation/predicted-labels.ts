import { largest } from '../extremes.js';
import { checkScores, checkTargets, type LabelScores } from './label-scores.js';

/**
 * The label with the highest score of each example, [N]; of equal ones the first. For answers, not for metrics.
 * Errors: as `checkScores`.
 */
export function predictLabels(scores: LabelScores): Int32Array {
  return Int32Array.from({ length: checkScores(scores) }, (_, i) => {
    const row = rowOf(scores, i);
    return row.indexOf(largest(row));
  });
}

/**
 * The same for metrics, [N]: ties are broken against the model, so where a wrong label scores at least as high as the
 * right one, the prediction is a wrong one (the first of the highest). A constant scorer thus gets accuracy 0.
 * Errors: as `checkTargets`.
 */
export function judgeLabels(scores: LabelScores, targets: Int32Array): Int32Array {
  checkTargets(scores, targets);
  return targets.map((target, i) => {
    const row = rowOf(scores, i);
    const highest = largest(row);
    const wrong = row.findIndex((score, c) => score === highest && c !== target);
    return wrong === -1 ? target : wrong;
  });
}

function rowOf({ values, classes }: LabelScores, i: number): Float32Array {
  return values.subarray(i * classes, (i + 1) * classes);
}
