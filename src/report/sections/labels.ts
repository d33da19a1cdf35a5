import { scoreCells } from '../../evaluation/score-table.js';
import { translate as t } from '../../language/translate.js';
import { budgetInWords } from '../../tasks/comparison/comparison.js';
import { groupsOf, rowsOf } from '../../tasks/comparison/summarise.js';
import { bars } from '../charts/bars.js';
import { table } from '../charts/chart.js';
import { confusionChart } from '../charts/confusion.js';
import { reliabilityChart } from '../charts/reliability.js';
import { type Html, html } from '../html.js';
import { labelReport, type ReportFacts } from '../report-facts.js';

/** Which figure stands for a table of scores. */
const HEADLINES = ['accuracy', 'rougeL', 'perplexity'] as const;
const HEADINGS = { accuracy: 'share of right labels', rougeL: 'ROUGE-L', perplexity: 'perplexity' } as const;

/** The table that was printed, and its first figure as bars with intervals. */
export function scoresSection({ result: { scores } }: ReportFacts): Html | undefined {
  if (scores === undefined || scores.length === 0) return undefined;
  const metric = HEADLINES.find((name) => scores[0]!.scores[name] !== undefined);
  const shown = metric === undefined ? [] : scores.filter((row) => row.scores[metric] !== undefined);
  const chart =
    metric &&
    bars(
      shown.map(({ name, scores, intervals }, i) => ({
        name,
        value: scores[metric]!,
        interval: intervals?.[metric],
        own: i === 0,
      })),
      HEADINGS[metric],
    );
  return html`${chart}<h3>${t('All figures')}</h3>${table(scoreCells(scores))}
<p class="about">${t('In brackets: where a figure may lie with other texts of the same kind (95 %, bootstrap).')}</p>`;
}

export function confusionSection({ result }: ReportFacts): Html | undefined {
  const report = labelReport(result);
  return report && confusionChart(report);
}

export function calibrationSection({ result }: ReportFacts): Html | undefined {
  const report = labelReport(result);
  if (report?.reliability === undefined) return undefined;
  const error = (100 * report.expectedCalibrationError).toFixed(1);
  return html`<p>${t(`On average, how sure it is and how often it is right are ${error} points of a hundred apart.`)}</p>
${reliabilityChart(report.reliability)}`;
}

/** Methods beside each other, a chart a set and budget, with what each costs. */
export function comparisonSection({ result: { rows, advice = [] } }: ReportFacts): Html | undefined {
  if (rows === undefined || !rows.every((row) => 'budget' in row)) return undefined;
  return html`${advice.map((line) => html`<p class="verdict">${t(line)}</p>`)}${groupsOf(rows).map((group) => {
    const here = rowsOf(rows, group);
    return html`<h3>${group.set}, ${t(budgetInWords(group.budget))}</h3>${bars(
      here.map(({ name, accuracy: { mean, interval }, costs }) => ({
        name,
        value: mean,
        interval,
        own: costs !== undefined,
      })),
      HEADINGS.accuracy,
    )}${table([
      ['', 'numbers learned', 'seconds', 'MiB', 'kB kept', 'ms an answer'],
      ...here.flatMap(({ name, costs }) =>
        costs === undefined
          ? []
          : [
              [
                name,
                ...[costs.learned, costs.seconds, costs.peakMib, costs.folderBytes / 1000, costs.latencyMs].map(short),
              ],
            ],
      ),
    ])}`;
  })}`;
}

const short = (value: number) => (value < 100 ? value.toFixed(1) : String(Math.round(value)));
