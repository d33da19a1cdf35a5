import type { PreferenceFigures, PreferenceReport } from '../../evaluation/preference-report.js';
import { alignColumns } from '../../evaluation/score-table.js';
import type { PreferenceVerdict } from './preference-verdict.js';

/** Figures of one row of the table; of fewer rows than were tested where `rows` says so. */
export type MeasuredPreference = PreferenceReport & { readonly about?: string };

/** A preference beside its baselines, and the same prompt where one source tells nothing or statistics are others. */
export interface PreferenceTable {
  /** In words, beside what costs less. */
  readonly verdict?: PreferenceVerdict;
  readonly test?: MeasuredPreference;
  readonly baselines?: Readonly<Record<string, MeasuredPreference>>;
  readonly ablations?: Readonly<Record<string, MeasuredPreference>>;
}

const HEAD = ['', 'AUC', 'per user', 'log loss', 'calibration error', 'warm users', 'cold users', 'rows'];

/** The table as rows of text, the head first. */
export function preferenceTableRows({ test, baselines = {}, ablations = {} }: PreferenceTable): string[][] {
  const named = [
    ...(test === undefined ? [] : [['learned prompt', test] as const]),
    ...Object.entries(baselines).map(([name, report]) => [spaced(name), report] as const),
    ...Object.entries(ablations).map(([name, report]) => [`ablation: ${spaced(name)}`, report] as const),
  ];
  return [HEAD, ...named.map(([name, report]) => [name, ...figuresOf(report)])];
}

function figuresOf(report: MeasuredPreference): string[] {
  const { auc, uauc, logLoss, calibrationError, warmUser, coldUser, rows } = report;
  const area = (figures: PreferenceFigures) => show(figures.auc);
  return [show(auc), show(uauc), show(logLoss), show(calibrationError), area(warmUser), area(coldUser), String(rows)];
}

const show = (value: number | null) => (value === null ? '–' : value.toFixed(4));
const spaced = (name: string) => name.replaceAll('_', ' ');

/** The table for a terminal of `width` columns. */
export const formatPreferenceTable = (table: PreferenceTable, width?: number): string =>
  alignColumns(preferenceTableRows(table), width);
