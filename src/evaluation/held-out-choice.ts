import { isBetter, type Judgement, judgeScores } from './judgement.js';
import type { LabelScores } from './label-scores.js';

/** Rows that learn and judge. */
export interface FoldedRows {
  /** [N] the part in which a row judges; −1: it only learns. One part alone is a validation set. */
  readonly folds: Int32Array;
  /** [N] indices of the right labels. */
  readonly targets: Int32Array;
  /** C */
  readonly classes: number;
}

/** What came out best where it had not learned. */
export interface HeldOutChoice<Candidate> {
  readonly candidate: Candidate;
  /** Of the rows that judge, in their order. */
  readonly scores: LabelScores;
}

/**
 * Cross-validation (Hastie et al. 2009, section 7.10): each candidate is fitted as often as there are parts, without the rows
 * of one, and judged on all rows that were left out; the best by `isBetter` is chosen.
 * @param better of two judgements; default: `isBetter`
 * @param score fits a candidate on some rows and scores others, [n, C]; rows are given by number
 */
export function chooseHeldOut<Candidate>(
  candidates: readonly Candidate[],
  { folds, targets, classes }: FoldedRows,
  score: (candidate: Candidate, learn: readonly number[], judge: readonly number[]) => Float32Array,
  better: (a: Judgement, b: Judgement) => boolean = isBetter,
): HeldOutChoice<Candidate> {
  const rows = [...folds.keys()];
  const judging = rows.filter((row) => folds[row]! >= 0);
  const right = Int32Array.from(judging, (row) => targets[row]!);
  const place = new Map(judging.map((row, i) => [row, i]));
  const parts = [...new Set(judging.map((row) => folds[row]!))];
  const judged = candidates.map((candidate) => {
    const values = new Float32Array(judging.length * classes);
    for (const part of parts) {
      const judge = judging.filter((row) => folds[row] === part);
      const learn = rows.filter((row) => folds[row] !== part);
      const found = score(candidate, learn, judge);
      judge.forEach((row, i) => {
        values.set(found.subarray(i * classes, (i + 1) * classes), place.get(row)! * classes);
      });
    }
    const scores = { values, classes };
    return { candidate, scores, judgement: judgeScores(scores, right) };
  });
  return judged.reduce((a, b) => (better(b.judgement, a.judgement) ? b : a));
}

/** Of a training and a validation set, one after the other. */
export const oneFold = (train: number, valid: number): Int32Array =>
  Int32Array.from({ length: train + valid }, (_, i) => (i < train ? -1 : 0));
