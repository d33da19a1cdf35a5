import stringWidth from 'string-width';
import type { ClassificationReport } from './classification-report.js';
import type { MajorityBaseline } from './majority-baseline.js';
import type { Interval } from './resampling.js';

/** One line of a table that puts a prompt beside its baselines. Metrics that do not apply are left out. */
export interface ScoreRow {
  readonly name: string;
  /** Metric name as in docs/conventions.md → value. */
  readonly scores: Readonly<Record<string, number>>;
  readonly intervals?: Readonly<Record<string, Interval>>;
}

/** How metrics are headed in tables; any other metric under its own name. */
const HEADINGS: Readonly<Record<string, string>> = {
  accuracy: 'accuracy',
  macroF1: 'macro F1',
  nll: 'NLL',
  expectedCalibrationError: 'ECE',
};

/** The headline figures of a report. */
export function reportRow(name: string, report: ClassificationReport): ScoreRow {
  const { accuracy, macroF1, nll, expectedCalibrationError, intervals } = report;
  return {
    name,
    scores: { accuracy, macroF1, nll, expectedCalibrationError },
    intervals: { accuracy: intervals.accuracy, macroF1: intervals.macroF1 },
  };
}

/** The majority baseline as a line beside a report. `labels` are the labels' keys. */
export function majorityRow(baseline: MajorityBaseline, labels: readonly string[]): ScoreRow {
  const { accuracy, macroF1 } = baseline;
  return { name: `majority class (${labels[baseline.label]})`, scores: { accuracy, macroF1 } };
}

/** Heading and cells of a score table as text: one column per metric that any row has, in order of appearance. */
export function scoreCells(rows: readonly ScoreRow[]): string[][] {
  const metrics = [...new Set(rows.flatMap((row) => Object.keys(row.scores)))];
  const cell = (row: ScoreRow, metric: string) => {
    const score = row.scores[metric];
    const interval = row.intervals?.[metric];
    if (score === undefined) return '–';
    return interval ? `${fixed(score)} [${fixed(interval[0])}, ${fixed(interval[1])}]` : fixed(score);
  };
  return [
    ['', ...metrics.map((metric) => HEADINGS[metric] ?? metric)],
    ...rows.map((row) => [row.name, ...metrics.map((metric) => cell(row, metric))]),
  ];
}

/** A score table for a terminal. */
export function formatScores(rows: readonly ScoreRow[]): string {
  return alignColumns(scoreCells(rows));
}

/** The confusion matrix for a terminal, with precision, recall and F1 of each label. */
export function formatConfusion(report: ClassificationReport): string {
  const labels = report.labels.map(({ label }) => label);
  return alignColumns([
    ['right \\ predicted', ...labels, 'precision', 'recall', 'F1'],
    ...report.labels.map(({ label, precision, recall, f1 }, c) => [
      label,
      ...report.confusion[c]!.map(String),
      fixed(precision),
      fixed(recall),
      fixed(f1),
    ]),
  ]);
}

function fixed(value: number): string {
  return value.toFixed(3);
}

/** A table for a terminal: first column to the left, the others to the right; Chinese characters take two columns. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => stringWidth(row[c]!))));
  const pad = (cell: string, c: number) => {
    const space = ' '.repeat(widths[c]! - stringWidth(cell));
    return c === 0 ? cell + space : space + cell;
  };
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}
