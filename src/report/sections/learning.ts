import type { HistoryRow } from '../../jobs/ended-job.js';
import { translate as t, translateName } from '../../language/translate.js';
import { type CurvePoint, curves } from '../charts/curves.js';
import { type Html, html } from '../html.js';
import type { ReportFacts } from '../report-facts.js';

/** More runs than this stand in the numbers of the table of scores, and the first of them in the curves. */
const MOST_RUNS = 3;

/** Loss, and what chose, over updates of each seed or epochs of each network. */
export function curvesSection({ history }: ReportFacts): Html | undefined {
  const runs = [...new Set(history.map(runOf))].slice(0, MOST_RUNS);
  const lines = history.filter((line) => runs.includes(runOf(line)));
  const losses = pointsOf(lines, { trainLoss: 'training', loss: 'validation' });
  const chosen = pointsOf(lines, { accuracy: 'right in validation', validation: 'NDCG@10 in validation' });
  if (losses.length < 2) return undefined;
  const along = lines.some(({ step }) => step !== undefined) ? 'updates' : 'epochs';
  return html`<h3>${t('Loss')}</h3>${curves(losses, 'loss', along)}${
    chosen.length < 2 ? undefined : html`<h3>${t('What chose')}</h3>${curves(chosen, 'validation', along)}`
  }<p class="about">${t('A dot marks what was kept.')}</p>`;
}

const runOf = ({ seed, network }: HistoryRow): string =>
  network === undefined ? `seed ${seed ?? 0}` : (NETWORKS[String(network)] ?? String(network));

/** Networks by the names that their states have. */
const NETWORKS: Readonly<Record<string, string>> = {
  ids: 'ids',
  text: 'ids and texts',
  'ids-users': 'ids and users',
  'text-users': 'ids, texts and users',
  refit: 'on all interactions',
  reading: 'reading the items',
};

function pointsOf(lines: readonly HistoryRow[], figures: Readonly<Record<string, string>>): CurvePoint[] {
  const runs = new Set(lines.map(runOf));
  return Object.entries(figures).flatMap(([key, name]) =>
    lines.flatMap((line) => {
      const value = line[key];
      if (typeof value !== 'number') return [];
      const at = Number(line.step ?? line.epoch);
      const named = runs.size > 1 ? `${translateName(runOf(line))}: ${t(name)}` : name;
      return [{ at, value, line: named, best: key !== 'trainLoss' && line.best === true }];
    }),
  );
}
