import type { Interval } from '../../evaluation/resampling.js';
import { translate as t } from '../../language/translate.js';
import { preferenceTableRows } from '../../recommend/preference/preference-table.js';
import type { RankingVerdict } from '../../recommend/ranking-verdict.js';
import { bars } from '../charts/bars.js';
import { table } from '../charts/chart.js';
import { type Html, html } from '../html.js';
import { comparedModels, preferenceTable, type ReportFacts, rankingFigures } from '../report-facts.js';

const SHOWN = ['recall@5', 'recall@10', 'recall@20', 'ndcg@10', 'mrr@10'] as const;

/** What was found of what people chose next, beside what costs nothing and every baseline that was measured. */
export function rankingSection({ result }: ReportFacts): Html | undefined {
  const figures = rankingFigures(result);
  if (figures === undefined) return undefined;
  const intervals = (result.intervals ?? {}) as Record<string, Interval>;
  const models = comparedModels(result);
  const { verdict } = result;
  const found =
    verdict && 'people' in verdict
      ? bars(
          [{ name: 'this recommender', found: verdict.found, own: true }, ...verdict.against.map(asBaseline)].map(
            ({ name, found, own }) => ({
              name,
              value: found / verdict.people,
              interval: shareInterval(found, verdict.people),
              own,
            }),
          ),
          'share of people who found their next choice among 10',
        )
      : undefined;
  const ranked = bars(
    [
      { name: 'this recommender', value: figures['ndcg@10']!, interval: intervals['ndcg@10'], own: true },
      ...models.map(({ name, test, intervals }) => ({ name, value: test['ndcg@10']!, interval: intervals['ndcg@10'] })),
    ],
    'NDCG@10',
    4,
  );
  const cells = (one: Readonly<Record<string, number>>) => SHOWN.map((name) => one[name]?.toFixed(4) ?? '–');
  return html`${found}${models.length > 0 || found === undefined ? ranked : undefined}<h3>${t('All figures')}</h3>${table(
    [
      ['', ...SHOWN],
      ['this recommender', ...cells(figures)],
      ...models.map(({ name, test }) => [name, ...cells(test)]),
    ],
  )}`;
}

const asBaseline = ({ name, found }: RankingVerdict['against'][number]) => ({ name, found, own: false });

/** 95 % for a share of n, Wilson's score interval (Wilson 1927). */
export function shareInterval(count: number, n: number): Interval {
  const z = 1.959964;
  const share = count / n;
  const middle = (share + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = (z / (1 + z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/** How much of the catalogue is suggested, and how often what is popular. */
export function popularitySection({ result }: ReportFacts): Html | undefined {
  const { lists, verdict, itemGroups } = result;
  const figures = rankingFigures(result);
  if (figures === undefined) return undefined;
  const concentration = verdict && 'concentration' in verdict ? verdict.concentration : undefined;
  const models = comparedModels(result);
  return html`${
    concentration && html`<p>${t(`It suggests ${concentration.suggested} of ${concentration.items} items.`)}</p>`
  }${
    lists?.popularShare === undefined
      ? undefined
      : bars(
          [
            { name: 'suggested', value: lists.popularShare, own: true },
            { name: 'chosen by people', value: lists.chosenPopularShare },
          ],
          'share of popular items (the fifth with the most interactions)',
        )
  }${
    lists &&
    bars(
      [
        { name: 'this recommender', value: lists.coverage, own: true },
        ...models.map(({ name, lists }) => ({ name, value: lists.coverage })),
      ],
      'share of the catalogue in at least one list of 10',
    )
  }${
    itemGroups &&
    html`<h3>${t('What was found, by how popular it is')}</h3>${table([
      ['', 'people', 'recall@10', 'ndcg@10'],
      ...Object.entries(itemGroups).flatMap(([name, group]) =>
        group === null
          ? []
          : [[name, String(group.users), ...['recall@10', 'ndcg@10'].map((key) => group.figures[key]!.toFixed(4))]],
      ),
    ])}`
  }`;
}

/** A few people with what they chose lately, what they are recommended, and why. */
export function peopleSection({ people }: ReportFacts): Html | undefined {
  if (people === undefined || people.length === 0) return undefined;
  return html`${people.map(
    ({ lately, list }) => html`<div class="person">
<p>${t('Someone who lately chose')} <strong>${lately.join(' · ')}</strong>${t(' is shown:')}</p>
<ol>${list.map(
      ({ title, because }) =>
        html`<li>${title}${
          because.length === 0 ? undefined : html` <span class="why">${t('because of')} ${because.join(', ')}</span>`
        }</li>`,
    )}</ol>
</div>`,
  )}<p class="about">${t('Drawn by the seed among those with a history; their ids are left out.')}</p>`;
}

/** Yes or no, beside baselines and ablations. */
export function preferenceSection({ result }: ReportFacts): Html | undefined {
  const found = preferenceTable(result);
  if (found?.test === undefined) return undefined;
  const rows = [
    ['learned prompt', found.test] as const,
    ...Object.entries(found.baselines ?? {}),
    ...Object.entries(found.ablations ?? {}).map(([name, report]) => [`ablation: ${name}`, report] as const),
  ];
  const shown = rows.flatMap(([name, { auc, aucInterval }], i) =>
    auc === null ? [] : [{ name: name.replaceAll('_', ' '), value: auc, interval: aucInterval, own: i === 0 }],
  );
  return html`${shown.length === 0 ? undefined : bars(shown, 'AUC')}<h3>${t('All figures')}</h3>${table(preferenceTableRows(found))}`;
}
