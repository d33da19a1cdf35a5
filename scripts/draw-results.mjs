// Draws docs/comparison.svg from bench/results: node scripts/draw-results.mjs; build first.
import { readFileSync } from 'node:fs';
import { drawBars } from './result-chart.mjs';

const read = (name) => JSON.parse(readFileSync(`bench/results/${name}.json`, 'utf8'));
const { fits: measured } = read('recommendation-fit');
const ofTable = ({ model, options: { split, seed, text } }) =>
  model.startsWith('smollm2') && (split ?? seed) === undefined && text !== 'never';
const fits = new Map(measured.filter(ofTable).map((fit) => [fit.set, fit]));
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
    (row) => ({ group: title, own: row.name === NAMES.softprompt, ...row }),
  );
});

drawBars('docs/comparison.svg', bars, {
  groups: SETS.map(({ title }) => title),
  names: Object.values(NAMES),
  label: 'NDCG@10, whole catalogue ranked, 95 % intervals',
  domain: [0, 0.225],
  height: 350,
  marginLeft: 120,
});
