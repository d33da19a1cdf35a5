import { SoftpromptError } from '../errors.js';
import { largest } from '../extremes.js';

/** How well each of C labels fits each of N examples: log-probabilities, or log-scores up to a constant per example. */
export interface LabelScores {
  /** [N, C], row-major, in nats. */
  readonly values: Float32Array;
  /** C, the size of the label set. */
  readonly classes: number;
}

/**
 * Checks the scores and gives the number of examples N.
 * Errors: EVALUATION_SHAPE, EVALUATION_EMPTY, EVALUATION_NOT_FINITE.
 */
export function checkScores(scores: LabelScores): number {
  const { values, classes } = scores;
  if (!Number.isInteger(classes) || classes < 2 || values.length % classes !== 0) {
    throw new SoftpromptError('EVALUATION_SHAPE', {
      found: `${values.length} scores for ${classes} labels`,
      expected: 'one score per example and label, for at least 2 labels',
      fix: 'Pass the scores as one [examples, labels] array.',
    });
  }
  if (values.length === 0) {
    throw new SoftpromptError('EVALUATION_EMPTY', {
      found: 'No example to evaluate',
      expected: 'at least one',
      fix: 'Check that the data file or split has labelled rows.',
    });
  }
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong !== -1) {
    throw new SoftpromptError('EVALUATION_NOT_FINITE', {
      found: `Label ${wrong % classes} of example ${Math.floor(wrong / classes)} has the score ${values[wrong]}`,
      expected: 'a finite number',
      fix: 'The prompt or the model is broken: tune again with a lower learning rate (--lr).',
    });
  }
  return values.length / classes;
}

/**
 * Checks the scores, and that `targets` [N] holds one label index per example.
 * Errors: EVALUATION_TARGET and those of `checkScores`.
 */
export function checkTargets(scores: LabelScores, targets: Int32Array): void {
  const examples = checkScores(scores);
  if (targets.length !== examples) {
    throw new SoftpromptError('EVALUATION_SHAPE', {
      found: `${targets.length} right labels for ${examples} examples`,
      expected: 'one right label per example',
      fix: 'Leave out the examples without a label, in both arrays.',
    });
  }
  const wrong = targets.findIndex((target) => target < 0 || target >= scores.classes);
  if (wrong !== -1) {
    throw new SoftpromptError('EVALUATION_TARGET', {
      found: `Example ${wrong} has the label index ${targets[wrong]}`,
      expected: `an index from 0 to ${scores.classes - 1}`,
      fix: 'Check that the labels of the data are those of the label set.',
    });
  }
}

/**
 * log softmax over the label set, [N, C]: log p(c) = s(c) − log Σ exp s(c').
 * Errors: as `checkScores`.
 */
export function logProbabilities(scores: LabelScores): Float64Array {
  const { values, classes } = scores;
  const examples = checkScores(scores);
  const result = Float64Array.from(values);
  for (let i = 0; i < examples; i++) {
    const row = result.subarray(i * classes, (i + 1) * classes);
    const highest = largest(row);
    const logSum = highest + Math.log(row.reduce((sum, score) => sum + Math.exp(score - highest), 0));
    for (let c = 0; c < classes; c++) row[c]! -= logSum;
  }
  return result;
}
