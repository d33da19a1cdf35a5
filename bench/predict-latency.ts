/**
 * From starting the process to the first answer: `softprompt predict PROMPT "a text"` on SmolLM2-135M, weights converted
 * before. Median of whole processes.
 *
 *   npm run build && node dist/bench/predict-latency.js [repeats]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../src/evaluation/percentile.js';
import { lastJson, machine, writeResult } from './machine.js';
import { CUE, head, LABELS, MODEL, sst2Files } from './sst2-data.js';

const repeats = Number(process.argv[2] ?? 7);
const files = sst2Files(64);
const out = join(mkdtempSync(join(tmpdir(), 'latency-')), 'prompt');
const cli = 'dist/src/cli/main.js';
const tune = ['--model', MODEL, '--train', files.train, '--valid', head(files.valid, 16), '--labels', LABELS];
lastJson(process.execPath, [
  cli,
  'tune',
  '--json',
  ...tune,
  '--template',
  `[soft:20]{text}${CUE}{label}`,
  '--max-steps',
  '2',
  '--out',
  out,
]);

const seconds: number[] = [];
for (let i = 0; i <= repeats; i++) {
  const started = performance.now();
  execFileSync(process.execPath, [cli, 'predict', out, 'a charming and often affecting journey'], { encoding: 'utf8' });
  if (i > 0) seconds.push((performance.now() - started) / 1000);
}
writeResult('bench/results/predict-latency.json', {
  what: 'softprompt predict, start of the process to its end with one answer, SmolLM2-135M, in seconds (goal: at most 2)',
  machine: machine(),
  median: median(seconds),
  seconds,
});
