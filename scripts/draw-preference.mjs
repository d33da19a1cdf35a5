// Draws docs/preference.svg, what a learned prompt gives on CoLLM's ML-1M, from bench/results: node scripts/draw-preference.mjs
import { readFileSync } from 'node:fs';
import { drawBars } from './result-chart.mjs';

const { runs } = JSON.parse(readFileSync('bench/results/recommendation-preference.json', 'utf8'));
const whole = runs['all validation rows known, 100 updates'];
const baseline = (name) => whole.baselines[name];
const run = (name) => runs[name]?.test;

const bars = [
  ['titles: written prompt', baseline('written_prompt'), false],
  ['titles: learned input', run('title alone, learned input, 50 updates'), true],
  ['titles: learned prefix', run('title alone, learned prefix, 50 updates'), true],
  ['titles: LoRA', run('title alone, LoRA, 50 updates'), false],
  ['made rows: nothing learned', baseline('unlearned_rows'), false],
  ['made rows: learned input', whole.ablations.prompt_alone, true],
  ['learned input + regression', whole.test, true],
  ['learned prefix + regression', run('made rows, learned prefix, 50 updates'), true],
  ['LoRA + regression', run('made rows, LoRA, 50 updates'), false],
  ['regression on like rates', baseline('both_rates'), false],
  ['regression on all numbers', baseline('given_vectors'), false],
].flatMap(([name, measured, own]) =>
  measured ? [{ group: "CoLLM's ML-1M", name, own, value: measured.auc, interval: measured.aucInterval }] : [],
);

drawBars('docs/preference.svg', bars, {
  groups: ['one'],
  names: bars.map(({ name }) => name),
  label: 'area under the curve, 95 % intervals over users; 0.5 is chance',
  domain: [0.45, 0.82],
  from: 0.5,
  height: 420,
  marginLeft: 210,
});
