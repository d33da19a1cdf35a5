import { SoftpromptError } from '../errors.js';
import { accuracy } from './accuracy.js';
import { bootstrapInterval } from './bootstrap.js';
import { expectedCalibrationError, type ReliabilityBin, reliabilityBins } from './calibration-error.js';
import { confusionMatrix } from './confusion-matrix.js';
import type { LabelScores } from './label-scores.js';
import { macroArea } from './macro-area.js';
import { type LabelF1, labelF1, macroF1 } from './macro-f1.js';
import { negativeLogLikelihood } from './negative-log-likelihood.js';
import { judgeLabels } from './predicted-labels.js';
import type { Interval } from './resampling.js';

/** What a classifier scored on one set. Plain data: it can be written as JSON as it is. */
export interface ClassificationReport {
  readonly examples: number;
  readonly accuracy: number;
  readonly macroF1: number;
  /** In nats. */
  readonly nll: number;
  readonly expectedCalibrationError: number;
  /** Area under the ROC curve, see `macroArea`; left out where a label has no example. */
  readonly auc?: number;
  /** Percentile bootstrap over the examples. */
  readonly intervals: {
    readonly level: number;
    readonly resamples: number;
    readonly seed: number;
    readonly accuracy: Interval;
    readonly macroF1: Interval;
  };
  /** In the order of the label set. */
  readonly labels: readonly LabelReport[];
  /** Rows: right label; columns: predicted label. */
  readonly confusion: readonly (readonly number[])[];
  /** How sure answers are beside how often they are right. */
  readonly reliability: readonly ReliabilityBin[];
}

export interface LabelReport extends LabelF1 {
  readonly label: string;
}

export interface ClassificationInput {
  /** [N, C] */
  readonly scores: LabelScores;
  /** [N] indices of the right labels. */
  readonly targets: Int32Array;
  /** [C] the labels' keys. */
  readonly labels: readonly string[];
  /** Of the bootstrap. */
  readonly seed: number;
}

const LEVEL = 0.95;
const RESAMPLES = 1000;

/**
 * Every figure of a classification, ties broken against the model. The formulas stand in docs/conventions.md.
 * Errors: EVALUATION_SHAPE, EVALUATION_EMPTY, EVALUATION_TARGET, EVALUATION_NOT_FINITE.
 */
export function evaluateClassification(input: ClassificationInput): ClassificationReport {
  const { scores, targets, labels, seed } = input;
  if (labels.length !== scores.classes) {
    throw new SoftpromptError('EVALUATION_SHAPE', {
      found: `${labels.length} labels for scores of ${scores.classes}`,
      expected: 'one label per score column',
      fix: 'Pass the label set the scores were made with.',
    });
  }
  const nll = negativeLogLikelihood(scores, targets);
  const auc = macroArea(scores, targets);
  const predictions = judgeLabels(scores, targets);
  const confusion = confusionMatrix(predictions, targets, labels.length);
  const macro = (some: Int32Array, right: Int32Array) => macroF1(some, right, labels.length);
  const bootstrap = { seed, level: LEVEL, resamples: RESAMPLES };
  return {
    examples: targets.length,
    accuracy: accuracy(predictions, targets),
    macroF1: macro(predictions, targets),
    nll,
    expectedCalibrationError: expectedCalibrationError(scores, targets),
    ...(auc !== undefined && { auc }),
    intervals: {
      ...bootstrap,
      accuracy: bootstrapInterval(accuracy, predictions, targets, bootstrap),
      macroF1: bootstrapInterval(macro, predictions, targets, bootstrap),
    },
    labels: labelF1(confusion).map((figures, c) => ({ label: labels[c]!, ...figures })),
    confusion,
    reliability: reliabilityBins(scores, targets),
  };
}
