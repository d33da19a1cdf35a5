/**
 * Every method on 8,000 SST-2 phrases: the budget of sst2-learning, 500 updates of 16, with the method's own rate and start. SmolLM2-135M,
 * one seed; accuracy on the 1,821 test sentences with its interval over them, and the curve of the development set.
 *
 *   npm run build && node dist/bench/sst2-methods.js [--methods soft,prefix,lora,full] [--threads 1] [--max-steps 500]
 *
 * Runs are kept in the result file: a call that was interrupted goes on with those that are missing.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { METHOD_NAMES, type MethodName } from '../src/methods/registry.js';
import { templateFor } from '../src/tasks/comparison/compared-sets.js';
import { tunePrompt } from '../src/tasks/tune-prompt.js';
import { keptLines, machine, writeResult } from './machine.js';
import { CUE, LABELS, MODEL, sst2Files } from './sst2-data.js';

const { values: flags } = parseArgs({
  options: {
    methods: { type: 'string', default: METHOD_NAMES.join(',') },
    threads: { type: 'string', default: '1' },
    'max-steps': { type: 'string', default: '500' },
  },
});
const RESULT = 'bench/results/sst2-methods.json';
const TOKENS = 20;

interface Line {
  readonly method: MethodName;
  readonly accuracy: number;
  /** Over test sentences, 95 %. */
  readonly interval: readonly [number, number];
  readonly validAccuracy: number;
  readonly bestStep: number;
  readonly learningRate: number;
  readonly seconds: number;
  readonly peakMib: number;
  readonly curve: readonly { readonly step: number; readonly validAccuracy: number }[];
  readonly machine: ReturnType<typeof machine>;
}

const lines = keptLines<Line>(RESULT, 'runs');
const files = sst2Files(8000);
for (const method of flags.methods.split(',') as MethodName[]) {
  if (lines.some((line) => line.method === method)) continue;
  const curve: { step: number; validAccuracy: number }[] = [];
  const { runs, learningRate, seconds, peakRssMib } = await tunePrompt(
    {
      ...{ model: MODEL, ...files, labels: JSON.parse(LABELS), method, baselines: false, head: false },
      template: templateFor(method, `{text}${CUE}{label}`, TOKENS),
      out: join(mkdtempSync(join(tmpdir(), 'sst2-')), 'learned'),
      maxSteps: Number(flags['max-steps']),
      threads: Number(flags.threads),
    },
    {
      onEvent: (event) => {
        if (event.event !== 'validation') return;
        curve.push({ step: event.step, validAccuracy: event.accuracy });
        console.log(`${method} step ${event.step}: ${event.accuracy}`);
      },
    },
  );
  const [{ bestStep, valid, test }] = runs as [(typeof runs)[number]];
  const { accuracy, intervals } = test!;
  lines.push({
    ...{ method, accuracy, interval: intervals.accuracy, validAccuracy: valid.accuracy, bestStep },
    ...{ learningRate, seconds, peakMib: peakRssMib, curve, machine: machine() },
  });
  console.log(`${method}: ${(100 * accuracy).toFixed(1)} %, ${seconds.toFixed(0)} s`);
  writeResult(RESULT, {
    what: `every method on SmolLM2-135M, SST-2, 8,000 training phrases, ${flags['max-steps']} updates of 16, ${TOKENS} learned tokens where there are any, defaults otherwise, one seed, ${flags.threads} thread, beside other work`,
    runs: lines,
  });
}
