import { accuracy } from './accuracy.js';
import type { LabelScores } from './label-scores.js';
import { macroF1 } from './macro-f1.js';
import { negativeLogLikelihood } from './negative-log-likelihood.js';
import { judgeLabels } from './predicted-labels.js';

/** How good scores are, for choosing between candidates. */
export interface Judgement {
  readonly accuracy: number;
  /** Mean −log P of the right label among the labels, in nats. */
  readonly loss: number;
  /** Where labels were given: what is chosen by, so that rare ones count as much as others. */
  readonly macroF1?: number | undefined;
  /** Rows that judged. */
  readonly examples?: number | undefined;
}

/** @param targets [N] */
export function judgeScores(scores: LabelScores, targets: Int32Array): Required<Judgement> {
  const labels = judgeLabels(scores, targets);
  return {
    accuracy: accuracy(labels, targets),
    loss: negativeLogLikelihood(scores, targets),
    macroF1: macroF1(labels, targets, scores.classes),
    examples: targets.length,
  };
}

/**
 * What candidates are compared by: macro F1 (accuracy where no labels are judged) less loss / √N. Right labels among N rows are
 * uncertain by up to 0.5 / √N, so with few rows the loss has a say, and with many hardly any.
 */
export function quality({ accuracy: right, macroF1: f1 = right, loss, examples }: Judgement): number {
  return examples === undefined ? f1 : f1 - loss / Math.sqrt(examples);
}

/** By loss alone: of probabilities that are to be right, and not only labels. */
export const hasLowerLoss = (a: Judgement, b: Judgement): boolean => a.loss < b.loss;

/**
 * Higher quality first; between equals the lower loss. What only one of both knows (runs of earlier versions kept accuracy and loss
 * alone) does not count: both are of the same rows.
 */
export function isBetter(a: Judgement, b: Judgement): boolean {
  const examples = a.examples ?? b.examples;
  const bothHave = a.macroF1 !== undefined && b.macroF1 !== undefined;
  const ofBoth = (one: Judgement) => quality({ ...one, examples, ...(!bothHave && { macroF1: undefined }) });
  const [first, second] = [ofBoth(a), ofBoth(b)];
  return first > second || (first === second && a.loss < b.loss);
}
