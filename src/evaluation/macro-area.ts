import { areaUnderCurve } from './area-under-curve.js';
import { type LabelScores, logProbabilities } from './label-scores.js';

/**
 * The area under the ROC curve: of two labels that of the second one, of more the plain mean of each one's against the rest (Hand &
 * Till 2001, equation 1; as scikit-learn's `roc_auc_score(multi_class='ovr')`), by probabilities among the labels. Undefined where
 * a label has no example, or all have the same.
 * @param targets [N]
 */
export function macroArea(scores: LabelScores, targets: Int32Array): number | undefined {
  const { classes } = scores;
  const logs = logProbabilities(scores);
  const areas: number[] = [];
  for (let c = classes === 2 ? 1 : 0; c < classes; c++) {
    const of = Float64Array.from(targets, (_, n) => logs[n * classes + c]!);
    const area = areaUnderCurve(
      of,
      Array.from(targets, (target) => target === c),
    );
    if (area === undefined) return undefined;
    areas.push(area);
  }
  return areas.reduce((sum, area) => sum + area, 0) / areas.length;
}
