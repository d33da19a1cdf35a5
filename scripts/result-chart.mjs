// How the charts of bench/results look, in both colour themes.
import { writeFileSync } from 'node:fs';
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

const THEME =
  'svg{--ink:#1d2330;--own:#0b66b0;--other:#8b93a1;background:none;font-family:system-ui,sans-serif}@media(prefers-color-scheme:dark){svg{--ink:#e8ebf0;--own:#5fb0f2;--other:#7c8594}}';

/**
 * Draws horizontal bars with their 95 % intervals, and prints them.
 * @param bars `{ name, group, value, interval, own }`, one colour for ours, another for others @param from where bars begin
 */
export function drawBars(path, bars, { groups, names, label, domain, height, marginLeft, digits = 3, from = 0 }) {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const facet = groups.length > 1 ? { fx: 'group' } : {};
  const svg = Plot.plot({
    document,
    width: 760,
    height,
    marginBottom: 52,
    marginLeft,
    marginRight: 60,
    style: { fontSize: '13px', color: 'var(--ink)' },
    ...(groups.length > 1 && { fx: { label: null, domain: groups } }),
    x: { label, labelOffset: 44, grid: true, ticks: 4, domain },
    y: { label: null, tickSize: 0, domain: names },
    marks: [
      Plot.barX(bars, {
        ...facet,
        x1: from,
        x2: 'value',
        y: 'name',
        fill: ({ own }) => (own ? 'var(--own)' : 'var(--other)'),
        inset: 4,
      }),
      Plot.ruleY(bars, {
        ...facet,
        x1: ({ interval }) => interval[0],
        x2: ({ interval }) => interval[1],
        y: 'name',
        strokeWidth: 2,
      }),
      Plot.text(bars, {
        ...facet,
        x: ({ interval }) => interval[1],
        y: 'name',
        text: ({ value }) => value.toFixed(digits),
        dx: 6,
        textAnchor: 'start',
      }),
    ],
  });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  svg.setAttribute('role', 'img');
  const told = ({ group, name, value }) => `${group}, ${name}: ${value.toFixed(4)}`;
  svg.setAttribute('aria-label', bars.map(told).join('; '));
  const theme = document.createElementNS('http://www.w3.org/2000/svg', 'style');
  theme.textContent = THEME;
  svg.prepend(theme);
  writeFileSync(path, `${svg.outerHTML.replace(/ *height: intrinsic;\n/g, '')}\n`);
  console.log(bars.map((bar) => `${told(bar)}\t${bar.interval}`).join('\n'));
}
