import stringWidth from 'string-width';
import { translate, translateName } from '../language/translate.js';
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
  auc: 'AUC',
  nll: 'NLL',
  expectedCalibrationError: 'ECE',
};

/** The headline figures of a report. @param withArea whether the area under the curve is one of them */
export function reportRow(name: string, report: ClassificationReport, withArea = false): ScoreRow {
  const { accuracy, macroF1, auc, nll, expectedCalibrationError, intervals } = report;
  return {
    name,
    scores: { accuracy, macroF1, ...(withArea && auc !== undefined && { auc }), nll, expectedCalibrationError },
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

/** A score table for a terminal of `width` columns. */
export function formatScores(rows: readonly ScoreRow[], width?: number): string {
  return alignColumns(scoreCells(rows), width);
}

/** The confusion matrix for a terminal of `width` columns, with precision, recall and F1 of each label. */
export function formatConfusion(report: ClassificationReport, width?: number): string {
  const labels = report.labels.map(({ label }) => label);
  const rows = report.labels.map(({ label, precision, recall, f1 }, c) => [
    label,
    ...report.confusion[c]!.map(String),
    fixed(precision),
    fixed(recall),
    fixed(f1),
  ]);
  const heading = [translate('right \\ predicted'), ...labels, ...['precision', 'recall', 'F1'].map(translate)];
  return aligned([heading, ...rows], width);
}

function fixed(value: number): string {
  return value.toFixed(3);
}

/**
 * A table for a terminal, headings and names of rows in the chosen language: first column to the left, the others to the right; Chinese characters take two columns. Where
 * `width` columns do not hold it, it goes on below, the first column again in front, and long names in that are cut.
 */
export function alignColumns(rows: readonly (readonly string[])[], width?: number): string {
  return aligned(
    rows.map((row, r) => row.map((cell, c) => (r === 0 || c === 0 ? translated(cell) : cell))),
    width,
  );
}

/** The same with headings and names as they are: they are labels of a user's. */
function aligned(rows: readonly (readonly string[])[], width = Number.POSITIVE_INFINITY): string {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => stringWidth(row[c]!))));
  widths[0] = Math.min(widths[0]!, Math.max(SHORTEST_NAME, width - Math.max(0, ...widths.slice(1)) - GAP.length));
  const pad = (cell: string, c: number) => {
    const space = ' '.repeat(Math.max(0, widths[c]! - stringWidth(cell)));
    return c === 0 ? cutTo(cell, widths[0]!) + space : space + cell;
  };
  const block = (columns: readonly number[]) =>
    rows
      .map((row) =>
        [0, ...columns]
          .map((c) => pad(row[c]!, c))
          .join(GAP)
          .trimEnd(),
      )
      .join('\n');
  return blocks(widths, width).map(block).join('\n\n');
}

/** A heading or the name of a row in the chosen language, indented as it is. */
function translated(cell: string): string {
  const text = cell.trimStart();
  return cell.slice(0, cell.length - text.length) + translateName(text);
}

const GAP = '  ';
const SHORTEST_NAME = 12;

/** The columns after the first, in as many groups as it takes. */
function blocks([first, ...others]: readonly number[], width: number): number[][] {
  const groups: number[][] = [[]];
  let taken = first!;
  others.forEach((size, i) => {
    taken += GAP.length + size;
    if (taken > width && groups.at(-1)!.length > 0) {
      groups.push([]);
      taken = first! + GAP.length + size;
    }
    groups.at(-1)!.push(i + 1);
  });
  return groups;
}

function cutTo(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  for (const character of text) {
    if (stringWidth(kept + character) >= width) break;
    kept += character;
  }
  return `${kept}…`;
}
