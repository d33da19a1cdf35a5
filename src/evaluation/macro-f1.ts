import { confusionMatrix } from './confusion-matrix.js';

/** Precision, recall and F1 of one label; 0 where the denominator is 0. */
export interface LabelF1 {
  /** Examples that have the label. */
  readonly examples: number;
  /** Examples that were given the label. */
  readonly predicted: number;
  readonly precision: number;
  readonly recall: number;
  /** 2·precision·recall / (precision + recall) = 2·TP / (2·TP + FP + FN). */
  readonly f1: number;
}

/** One entry per label of a confusion matrix (rows right, columns predicted). */
export function labelF1(confusion: readonly (readonly number[])[]): LabelF1[] {
  return confusion.map((row, c) => {
    const right = row[c]!;
    const examples = row.reduce((sum, count) => sum + count, 0);
    const predicted = confusion.reduce((sum, other) => sum + other[c]!, 0);
    return {
      examples,
      predicted,
      precision: ratio(right, predicted),
      recall: ratio(right, examples),
      f1: ratio(2 * right, examples + predicted),
    };
  });
}

/**
 * Mean F1 over the labels that occur among the right or the predicted ones; a label that occurs in neither is left out
 * (scikit-learn's `f1_score(average="macro")`). A label with examples but no predictions counts with F1 = 0.
 */
export function macroF1(predictions: Int32Array, targets: Int32Array, classes: number): number {
  const present = labelF1(confusionMatrix(predictions, targets, classes)).filter(
    (label) => label.examples + label.predicted > 0,
  );
  return present.reduce((sum, label) => sum + label.f1, 0) / present.length;
}

function ratio(numerator: number, denominator: number): number {
  return denominator === 0 ? 0 : numerator / denominator;
}
