import { translate as t } from '../../language/translate.js';
import { table } from '../charts/chart.js';
import { type Html, html } from '../html.js';
import type { ReportFacts } from '../report-facts.js';

/** The words nearest to each learned token. */
export function wordsSection({ inspection }: ReportFacts): Html | undefined {
  if (inspection === undefined) return undefined;
  const { tokens, vocabulary } = inspection;
  const usual = vocabulary.nearestCosine.toFixed(2);
  return html`<p>${t(`The words whose vectors are nearest to each learned token, by cosine. Between real words and their nearest other word it is ${usual}; nearest words can mislead.`)}</p>
${table([
  ['token', 'started from', 'moved by', 'nearest words'],
  ...tokens.map(({ token, nearest, drift }) => [
    `[${token}]`,
    drift?.from ?? '–',
    drift === undefined ? '–' : drift.distance.toFixed(2),
    nearest.map(({ word, cosine }) => `${word} ${cosine.toFixed(2)}`).join(', '),
  ]),
])}`;
}

/** What was learned inside the layers, as `inspect` tells it. */
export function changesSection({ changes }: ReportFacts): Html | undefined {
  return changes === undefined ? undefined : html`<pre class="wide" tabindex="0">${t(changes)}</pre>`;
}

/** Time, memory, size. */
export function needsSection({ result, needs = [] }: ReportFacts): Html | undefined {
  const { seconds, examplesPerSecond, interactionsPerSecond, peakRssMib, steps } = result;
  const rows = [
    ...(seconds === undefined ? [] : [['seconds in all', seconds.toFixed(1)]]),
    ...(steps === undefined ? [] : [['updates', String(steps)]]),
    ...(examplesPerSecond ? [['examples a second in training', examplesPerSecond.toFixed(1)]] : []),
    ...(interactionsPerSecond
      ? [['interactions a second in training', String(Math.round(interactionsPerSecond))]]
      : []),
    ...(peakRssMib === undefined ? [] : [['MiB of memory at most', String(Math.round(peakRssMib))]]),
    ...needs.map(([what, value]) => [what, value]),
  ];
  return rows.length === 0 ? undefined : table([['what', 'value'], ...rows]);
}
