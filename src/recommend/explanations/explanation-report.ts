import { distinctSentences } from '../../evaluation/generation/distinct.js';
import { featureReport } from '../../evaluation/generation/features.js';
import { evaluateGeneration, type GenerationReport } from '../../evaluation/generation/generation-report.js';
import type { AnswerLikelihood } from '../../evaluation/generation/perplexity.js';
import type { Explanation } from './explanation-data.js';

/** What explanations are measured by: as any generated texts, and by the features that they name (Li et al. 2020, section 5.3). */
export interface ExplanationReport extends GenerationReport {
  /** Feature matching ratio: explanations that name what the right one is about, of those that are about something. */
  readonly fmr?: number;
  /** Feature coverage ratio: features that some explanation names, divided by all that the right ones are about. */
  readonly fcr?: number;
  /** Features that two explanations share, mean over pairs. The less, the better. */
  readonly div?: number;
  /** Different sentences, divided by all. */
  readonly usr?: number;
}

export interface ExplanationsGiven {
  /** Those that are right; the first of them have a text in `texts`. */
  readonly rows: readonly Explanation[];
  readonly texts: readonly string[];
  readonly likelihoods?: readonly AnswerLikelihood[] | undefined;
  readonly seed: number;
}

export function explanationReport({ rows, texts, likelihoods, seed }: ExplanationsGiven): ExplanationReport {
  const told = rows.slice(0, texts.length);
  const report = evaluateGeneration({
    ...{ predictions: texts, references: told.map(({ text }) => [text]), seed },
    ...(likelihoods && { likelihoods }),
  });
  if (texts.length === 0) return report;
  const about = told.flatMap(({ features: [first] }, i) => (first === undefined ? [] : [{ first, text: texts[i]! }]));
  const { matching, coverage, diversity } = featureReport(
    about.map(({ text }) => text),
    about.map(({ first }) => first),
  );
  return {
    ...report,
    ...(about.length > 0 && { fmr: matching, fcr: coverage, div: diversity }),
    usr: distinctSentences(texts),
  };
}

const COLUMNS = ['perplexity', 'rouge1', 'rouge2', 'rougeL', 'bleu', 'fmr', 'fcr', 'div', 'usr'] as const;

/** A table for people, a line each. */
export function formatExplanationReports(reports: readonly (readonly [string, ExplanationReport])[]): string {
  const cell = (report: ExplanationReport, column: (typeof COLUMNS)[number]) => {
    const value = report[column];
    return value === undefined ? '–' : value >= 10 ? value.toFixed(1) : value.toFixed(3);
  };
  const lines = [
    ['', ...COLUMNS],
    ...reports.map(([name, report]) => [name, ...COLUMNS.map((column) => cell(report, column))]),
  ];
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  return lines
    .map((line) => line.map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join('  '))
    .join('\n');
}
