import { budgetInWords, type ComparisonRow } from './comparison.js';
import { groupsOf, rowsOf } from './summarise.js';

const WIDTH = 720;
const LEFT = 190;
const RIGHT = 30;
const ROW = 22;
const HEAD = 44;

/** Accuracy of each row with its interval as an SVG picture: a panel a set and budget, readable in light and dark. */
export function comparisonPlot(rows: readonly ComparisonRow[]): string {
  let top = 0;
  const panels = groupsOf(rows).map(({ set, budget }) => {
    const here = rowsOf(rows, { set, budget });
    const height = HEAD + here.length * ROW + 30;
    const panel = `<g transform="translate(0 ${top})">${panelOf(`${set}, ${budgetInWords(budget)}`, here)}</g>`;
    top += height;
    return panel;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}" height="${top}" role="img" font-family="sans-serif" font-size="12">`,
    '<title>Accuracy of each method, with 95 % intervals over seeds</title>',
    '<style>text{fill:#333}.axis{stroke:#bbb}.dot{fill:#0b6fb8}.bar{stroke:#0b6fb8;stroke-width:2}.base .dot{fill:#8a8a8a}.base .bar{stroke:#8a8a8a}@media(prefers-color-scheme:dark){text{fill:#ddd}.axis{stroke:#555}}</style>',
    ...panels,
    '</svg>\n',
  ].join('\n');
}

function panelOf(title: string, rows: readonly ComparisonRow[]): string {
  const ends = rows.flatMap(({ accuracy: { mean, interval } }) => [mean, ...(interval ?? [])]);
  const low = Math.max(0, Math.floor(20 * Math.min(...ends)) / 20);
  const high = Math.min(1, Math.max(low + 0.05, Math.ceil(20 * Math.max(...ends)) / 20));
  const x = (value: number) =>
    LEFT + ((Math.min(high, Math.max(low, value)) - low) / (high - low)) * (WIDTH - LEFT - RIGHT);
  const bottom = HEAD + rows.length * ROW;
  const ticks = Array.from({ length: 6 }, (_, i) => low + (i * (high - low)) / 5);
  return [
    `<text x="8" y="22" font-weight="bold">${escaped(title)}</text>`,
    ...ticks.map(
      (tick) =>
        `<line class="axis" x1="${at(x(tick))}" x2="${at(x(tick))}" y1="${HEAD - 8}" y2="${bottom}"/><text x="${at(x(tick))}" y="${bottom + 16}" text-anchor="middle">${tick.toFixed(2)}</text>`,
    ),
    ...rows.map(({ name, accuracy: { mean, interval }, costs }, i) => {
      const y = HEAD + i * ROW + ROW / 2 - 4;
      const bar =
        interval === null
          ? ''
          : `<line class="bar" x1="${at(x(interval[0]))}" x2="${at(x(interval[1]))}" y1="${y}" y2="${y}"/>`;
      return `<g${costs === undefined ? ' class="base"' : ''}><text x="${LEFT - 10}" y="${y + 4}" text-anchor="end">${escaped(name)}</text>${bar}<circle class="dot" cx="${at(x(mean))}" cy="${y}" r="4"/></g>`;
    }),
  ].join('\n');
}

const at = (value: number) => value.toFixed(1);
const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
