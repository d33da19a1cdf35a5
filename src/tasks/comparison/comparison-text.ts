import { alignColumns } from '../../evaluation/score-table.js';
import { budgetInWords, type Comparison, type ComparisonRow, type Spread } from './comparison.js';
import { groupsOf, rowsOf, sizeInWords } from './summarise.js';

const HEADINGS = ['', 'accuracy', 'macro F1', 'learned', 'steps', 'seconds', 'memory', 'size', 'answer'];

/** Tables and advice for a terminal. */
export function formatComparison({ rows, advice }: Pick<Comparison, 'rows' | 'advice'>, width?: number): string {
  const tables = groupsOf(rows).map(({ set, budget }) => {
    const here = rowsOf(rows, { set, budget });
    return `${set}, ${budgetInWords(budget)}\n${alignColumns([HEADINGS, ...here.map(cellsOf)], width)}`;
  });
  return [...tables, advice.join('\n')].join('\n\n');
}

/** The same as Markdown. */
export function comparisonPage({ model, rows, advice }: Comparison, plot: string): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    '# Methods compared',
    `Model: \`${model}\`. In brackets: 95 % intervals over seeds, by Student's t.`,
    `![accuracy of each method](${plot})`,
    ...groupsOf(rows).flatMap(({ set, budget }) => {
      const here = rowsOf(rows, { set, budget });
      const table = [line(HEADINGS), line(HEADINGS.map(() => '---')), ...here.map((row) => line(cellsOf(row)))];
      return [`## ${set}, ${budgetInWords(budget)}`, table.join('\n')];
    }),
    '## Which to take',
    advice.map((one) => `- ${one}`).join('\n'),
  ]
    .join('\n\n')
    .concat('\n');
}

function cellsOf({ name, accuracy, macroF1, costs }: ComparisonRow): string[] {
  if (costs === undefined) return [name, spreadInWords(accuracy), spreadInWords(macroF1), ...Array(6).fill('–')];
  return [
    name,
    spreadInWords(accuracy),
    spreadInWords(macroF1),
    costs.learned.toLocaleString('en'),
    costs.steps.toFixed(0),
    costs.seconds.toFixed(1),
    `${costs.peakMib.toFixed(0)} MiB`,
    sizeInWords(costs.folderBytes),
    `${costs.latencyMs.toFixed(1)} ms`,
  ];
}

const spreadInWords = ({ mean, interval }: Spread): string =>
  interval === null ? mean.toFixed(3) : `${mean.toFixed(3)} [${interval.map((end) => end.toFixed(3)).join(', ')}]`;
