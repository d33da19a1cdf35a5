import type { MethodName } from '../../methods/registry.js';

/** How much data and training a run may take; undefined: all the data, the method's own training. */
export interface Budget {
  /** Training examples a label. */
  readonly shots?: number | undefined;
  readonly maxSteps?: number | undefined;
  /** Of training, by the speed of a first try. */
  readonly seconds?: number | undefined;
}

/** One run of one method. */
export interface Cell {
  readonly set: string;
  readonly budget: Budget;
  readonly method: MethodName;
  readonly seed: number;
  readonly trainExamples: number;
  /** On the test data, or the validation data where there are none. */
  readonly accuracy: number;
  readonly macroF1: number;
  readonly validAccuracy: number;
  readonly steps: number;
  readonly learningRate: number;
  /** Numbers learned. */
  readonly learned: number;
  /** Of training, validation included. */
  readonly seconds: number;
  /** The most resident memory seen while it was trained, MiB; weights that methods share count each time. */
  readonly peakMib: number;
  /** Of what must be kept to answer. */
  readonly folderBytes: number;
  /** Median of single answers. */
  readonly latencyMs: number;
}

/** What needs no training of a model, once a seed: it stands beside the methods. */
export interface Baseline {
  readonly set: string;
  readonly budget: Budget;
  readonly name: 'written prompt' | 'written prompt, calibrated' | 'bag of words' | 'majority class';
  readonly seed: number;
  readonly accuracy: number;
  readonly macroF1: number;
}

/** Mean over seeds, and where it may lie: a 95 % interval by Student's t; null where one run says nothing of others. */
export interface Spread {
  readonly mean: number;
  readonly standardDeviation: number | null;
  readonly interval: readonly [number, number] | null;
  readonly runs: number;
}

/** A method or baseline on one set and budget. */
export interface ComparisonRow {
  readonly set: string;
  readonly budget: Budget;
  readonly name: string;
  readonly accuracy: Spread;
  readonly macroF1: Spread;
  /** Means over seeds; undefined for baselines. */
  readonly costs?: Pick<Cell, 'steps' | 'learned' | 'seconds' | 'peakMib' | 'folderBytes' | 'latencyMs'> | undefined;
}

/** What comparison.json holds. */
export interface Comparison {
  readonly format: string;
  readonly model: string;
  readonly ended: boolean;
  readonly cells: readonly Cell[];
  readonly baselines: readonly Baseline[];
  readonly rows: readonly ComparisonRow[];
  /** Which to take, a line a set and budget. */
  readonly advice: readonly string[];
}

export const budgetInWords = ({ shots, maxSteps, seconds }: Budget): string =>
  [
    shots === undefined ? 'all examples' : `${shots} examples a label`,
    ...(maxSteps === undefined ? [] : [`${maxSteps} steps`]),
    ...(seconds === undefined ? [] : [`${seconds} s`]),
  ].join(', ');

export const sameBudget = (a: Budget, b: Budget): boolean =>
  a.shots === b.shots && a.maxSteps === b.maxSteps && a.seconds === b.seconds;
