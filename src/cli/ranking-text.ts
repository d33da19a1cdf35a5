import type { RankingReport, RankingSummary } from '../evaluation/ranking/ranking-report.js';
import type { ComparedModel } from '../pipeline/recommend/measure-baselines.js';

/** The figures of a table's columns. */
const SHOWN = ['recall@5', 'recall@10', 'recall@20', 'ndcg@5', 'ndcg@10', 'ndcg@20', 'mrr@10'];
const FIRST = 22;
const WIDTH = 11;

type Figures = Readonly<Record<string, number>>;

/** A line a model under one heading. */
export function formatFigures(rows: readonly (readonly [name: string, figures: Figures])[]): string {
  const heading = ''.padEnd(FIRST) + SHOWN.map((name) => name.padStart(WIDTH)).join('');
  return [heading, ...rows.map(([name, figures]) => line(name, SHOWN, figures))].join('\n');
}

/** How much better the recommender is than each model, in NDCG@10. */
export function formatComparisons(models: readonly ComparedModel[]): string {
  return models
    .map(({ name, difference: { difference, interval, pValue } }) => {
      const [low, high] = interval.map((value) => signed(value));
      return `NDCG@10 against ${name.padEnd(20)} ${signed(difference)} [${low}, ${high}], p = ${pValue.toFixed(3)}`;
    })
    .join('\n');
}

/** Coverage, Gini, novelty and diversity. */
export function formatLists(rows: readonly (readonly [name: string, lists: RankingReport['lists']])[]): string {
  const names = ['coverage', 'gini', 'novelty', 'diversity'] as const;
  const heading = `${'lists of 10'.padEnd(FIRST)}${names.map((name) => name.padStart(WIDTH)).join('')}`;
  const cell = (value: number | null) => (value === null ? '–' : value.toFixed(4)).padStart(WIDTH);
  return [
    heading,
    ...rows.map(([name, lists]) => name.padEnd(FIRST) + names.map((key) => cell(lists[key])).join('')),
  ].join('\n');
}

/** Groups of users or items with what was found of them. */
export function formatGroups(what: string, groups: Readonly<Record<string, RankingSummary | null>>): string {
  const shown = ['recall@10', 'ndcg@10', 'mrr@10'];
  const heading = `${what.padEnd(FIRST)}${['users', ...shown].map((name) => name.padStart(WIDTH)).join('')}`;
  const rows = Object.entries(groups).map(([name, summary]) =>
    summary === null
      ? `${name.padEnd(FIRST)}${'–'.padStart(WIDTH)}`
      : line(`${name.padEnd(FIRST)}${String(summary.users).padStart(WIDTH)}`, shown, summary.figures),
  );
  return [heading, ...rows].join('\n');
}

function line(name: string, shown: readonly string[], figures: Figures): string {
  return name.padEnd(FIRST) + shown.map((figure) => figures[figure]!.toFixed(4).padStart(WIDTH)).join('');
}

/** A difference with its sign and four digits. */
export function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}
