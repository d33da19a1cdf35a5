import type { RankingReport, RankingSummary } from '../evaluation/ranking/ranking-report.js';
import type { ComparedModel } from '../pipeline/recommend/measure-baselines.js';

/** The figures of a table's columns. */
const SHOWN = ['recall@5', 'recall@10', 'recall@20', 'ndcg@5', 'ndcg@10', 'ndcg@20', 'mrr@10'];
/** Characters of the first column, if no name is longer. */
const FIRST = 22;
const WIDTH = 11;

type Figures = Readonly<Record<string, number>>;

/** A line a model under one heading. */
export function formatFigures(rows: readonly (readonly [name: string, figures: Figures])[]): string {
  return table(
    '',
    SHOWN,
    rows.map(([name, figures]) => [name, cells(SHOWN, figures)]),
  );
}

/** How much better the recommender is than each model, in NDCG@10. */
export function formatComparisons(models: readonly ComparedModel[]): string {
  const longest = Math.max(0, ...models.map(({ name }) => name.length));
  return models
    .map(({ name, difference: { difference, interval, pValue } }) => {
      const [low, high] = interval.map((value) => signed(value));
      return `NDCG@10 against ${name.padEnd(longest)} ${signed(difference)} [${low}, ${high}], p = ${pValue.toFixed(3)}`;
    })
    .join('\n');
}

/** Coverage, Gini, novelty and diversity. */
export function formatLists(rows: readonly (readonly [name: string, lists: RankingReport['lists']])[]): string {
  const names = ['coverage', 'gini', 'novelty', 'diversity'] as const;
  return table(
    'lists of 10',
    names,
    rows.map(([name, lists]) => [name, names.map((key) => lists[key]?.toFixed(4) ?? '–')]),
  );
}

/** Groups of users or items with what was found of them. */
export function formatGroups(what: string, groups: Readonly<Record<string, RankingSummary | null>>): string {
  const shown = ['recall@10', 'ndcg@10', 'mrr@10'];
  const rows = Object.entries(groups).map(
    ([name, summary]): Row =>
      summary === null ? [name, ['–']] : [name, [String(summary.users), ...cells(shown, summary.figures)]],
  );
  return table(what, ['users', ...shown], rows);
}

type Row = readonly [name: string, cells: readonly string[]];

/** Columns of cells beside a first one of names. */
function table(what: string, columns: readonly string[], rows: readonly Row[]): string {
  const first = Math.max(FIRST, ...rows.map(([name]) => name.length));
  return [[what, columns] as const, ...rows]
    .map(([name, cells]) => name.padEnd(first) + cells.map((cell) => cell.padStart(WIDTH)).join(''))
    .join('\n');
}

function cells(shown: readonly string[], figures: Figures): string[] {
  return shown.map((name) => figures[name]!.toFixed(4));
}

/** A difference with its sign and four digits. */
export function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}
