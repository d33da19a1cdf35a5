import { largest } from '../extremes.js';
import { accuracy } from './accuracy.js';
import { macroF1 } from './macro-f1.js';

export interface MajorityBaseline {
  /** Index of the label that is always predicted. */
  readonly label: number;
  readonly accuracy: number;
  readonly macroF1: number;
}

/**
 * What always predicting the most frequent TRAINING label scores on `targets` [N]: the floor every prompt must beat.
 * Of equally frequent labels the first is taken.
 */
export function majorityBaseline(trainingTargets: Int32Array, targets: Int32Array, classes: number): MajorityBaseline {
  const counts = new Array<number>(classes).fill(0);
  for (const target of trainingTargets) counts[target]! += 1;
  const label = counts.indexOf(largest(counts));
  const predictions = new Int32Array(targets.length).fill(label);
  return { label, accuracy: accuracy(predictions, targets), macroF1: macroF1(predictions, targets, classes) };
}
