import type { RankingGroup, RankingReport } from '../evaluation/ranking/ranking-report.js';
import { alignColumns } from '../evaluation/score-table.js';
import type { ComparedModel } from '../recommend/compared-model.js';

/** The figures of a table's columns. */
const SHOWN = ['recall@5', 'recall@10', 'recall@20', 'ndcg@5', 'ndcg@10', 'ndcg@20', 'mrr@10'];

type Figures = Readonly<Record<string, number>>;

/** A line a model under one heading. */
export function formatFigures(rows: readonly (readonly [name: string, figures: Figures])[], width?: number): string {
  return table(
    '',
    SHOWN,
    rows.map(([name, figures]) => [name, cells(SHOWN, figures)]),
    width,
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
export function formatLists(
  rows: readonly (readonly [name: string, lists: RankingReport['lists']])[],
  width?: number,
): string {
  const names = ['coverage', 'gini', 'novelty', 'diversity'] as const;
  return table(
    'lists of 10',
    names,
    rows.map(([name, lists]) => [name, names.map((key) => lists[key]?.toFixed(4) ?? '–')]),
    width,
  );
}

/** Groups of users or items with what was found of them; the interval is that of NDCG@10. */
export function formatGroups(
  what: string,
  groups: Readonly<Record<string, RankingGroup | null>>,
  width?: number,
): string {
  const shown = ['recall@10', 'mrr@10', 'ndcg@10'];
  const rows = Object.entries(groups).map(([name, group]): Row => {
    if (group === null) return [name, ['–']];
    const [low, high] = group.intervals['ndcg@10']!;
    const interval = `[${low.toFixed(4)}, ${high.toFixed(4)}]`;
    return [name, [String(group.users), ...cells(shown, group.figures), interval]];
  });
  return table(what, ['users', ...shown, '95 %'], rows, width);
}

type Row = readonly [name: string, cells: readonly string[]];

/** Columns of cells beside a first one of names. */
function table(what: string, columns: readonly string[], rows: readonly Row[], width?: number): string {
  const full = rows.map(([name, cells]) => [name, ...columns.map((_, c) => cells[c] ?? '')]);
  return alignColumns([[what, ...columns], ...full], width);
}

function cells(shown: readonly string[], figures: Figures): string[] {
  return shown.map((name) => figures[name]!.toFixed(4));
}

/** A difference with its sign and four digits. */
export function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}
