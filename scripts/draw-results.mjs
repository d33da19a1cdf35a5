// Draws docs/comparison.svg from bench/results: node scripts/draw-results.mjs; build first.
import { readFileSync, writeFileSync } from 'node:fs';
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

const read = (name) => JSON.parse(readFileSync(`bench/results/${name}.json`, 'utf8'));
const { fits: measured } = read('recommendation-fit');
const fits = new Map(measured.filter(({ model }) => model.startsWith('smollm2')).map((fit) => [fit.set, fit]));
const baselines = read('recommendation-baselines').baselines.filter(({ split }) => split === 'leave-one-out');
const ownBaseline = (set, name) => baselines.find((one) => one.set === set && one.baseline === name);

/** Sets of real data, with what is known of each: figures of ours from the results, of others as published. */
const SETS = [
  { set: 'ml-1m', title: 'MovieLens-1M' },
  { set: 'amazon-scientific', title: 'Amazon Scientific' },
];
const NAMES = {
  popularity: 'popularity',
  itemKnn: 'ItemKNN',
  ease: 'EASE',
  easeTexts: 'EASE with words',
  softprompt: 'softprompt',
};

const bars = SETS.flatMap(({ set, title }) => {
  const fit = fits.get(set);
  const rows = ['popularity', 'itemKnn', 'ease', 'easeTexts'].flatMap((name) => {
    const found = ownBaseline(set, name);
    return found ? [{ name: NAMES[name], value: found.test['ndcg@10'], interval: found.ndcg10Interval }] : [];
  });
  return [...rows, { name: 'softprompt', value: fit.test['ndcg@10'], interval: fit.intervals['ndcg@10'] }].map(
    (row) => ({
      set: title,
      ...row,
    }),
  );
});

const { document } = parseHTML('<!doctype html><html><body></body></html>');
const svg = Plot.plot({
  document,
  width: 760,
  height: 350,
  marginBottom: 52,
  marginLeft: 120,
  marginRight: 60,
  style: { fontSize: '13px', color: 'var(--ink)' },
  fx: { label: null, domain: SETS.map(({ title }) => title) },
  x: {
    label: 'NDCG@10, whole catalogue ranked, 95 % intervals',
    labelOffset: 44,
    grid: true,
    ticks: 4,
    domain: [0, 0.225],
  },
  y: { label: null, tickSize: 0, domain: Object.values(NAMES) },
  marks: [
    Plot.barX(bars, {
      fx: 'set',
      x: 'value',
      y: 'name',
      fill: ({ name }) => (name === 'softprompt' ? 'var(--own)' : 'var(--other)'),
      inset: 4,
    }),
    Plot.ruleY(bars, {
      fx: 'set',
      x1: ({ interval }) => interval[0],
      x2: ({ interval }) => interval[1],
      y: 'name',
      strokeWidth: 2,
    }),
    Plot.text(bars, {
      fx: 'set',
      x: ({ interval }) => interval[1],
      y: 'name',
      text: ({ value }) => value.toFixed(3),
      dx: 6,
      textAnchor: 'start',
    }),
  ],
});
svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
svg.setAttribute('role', 'img');
svg.setAttribute('aria-label', bars.map(({ set, name, value }) => `${set}, ${name}: ${value.toFixed(4)}`).join('; '));
const theme = document.createElementNS('http://www.w3.org/2000/svg', 'style');
theme.textContent =
  'svg{--ink:#1d2330;--own:#0b66b0;--other:#8b93a1;background:none;font-family:system-ui,sans-serif}@media(prefers-color-scheme:dark){svg{--ink:#e8ebf0;--own:#5fb0f2;--other:#7c8594}}';
svg.prepend(theme);
writeFileSync('docs/comparison.svg', `${svg.outerHTML.replace(/ *height: intrinsic;\n/g, '')}\n`);
console.log(bars.map(({ set, name, value, interval }) => `${set}\t${name}\t${value}\t${interval}`).join('\n'));
