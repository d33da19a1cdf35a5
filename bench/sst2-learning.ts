/**
 * What is learned from 8,000 SST-2 phrases in 500 updates of 16, with the defaults, beside PEFT with the same budget:
 * SmolLM2-135M, 20 learned tokens, test accuracy on the 1,821 sentences.
 *
 *   npm run build && PEER_PYTHON=/path/to/venv/bin/python node dist/bench/sst2-learning.js [seeds]
 *
 * Without PEER_PYTHON only softprompt runs and the peer's part of an earlier result file is kept.
 */
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TuneResult } from '../src/tasks/tune-events.js';
import { tunePrompt } from '../src/tasks/tune-prompt.js';
import { lastJson, machine, writeResult } from './machine.js';
import { CUE, GGUF, LABELS, MODEL, SHARED, sst2Files } from './sst2-data.js';

const RESULT = 'bench/results/sst2-learning.json';
const seeds = Number(process.argv[2] ?? 3);
const files = sst2Files(8000);
const STEPS = 500;

function peft(): Record<string, unknown> {
  const python = process.env.PEER_PYTHON;
  if (python === undefined) return existsSync(RESULT) ? JSON.parse(readFileSync(RESULT, 'utf8')).peft : {};
  return lastJson(python, [
    `${SHARED}/peers/peft_prompt_tuning.py`,
    '--model',
    MODEL,
    '--gguf-file',
    GGUF,
    '--train',
    files.train,
    '--valid',
    files.valid,
    '--test',
    files.test,
    '--words',
    LABELS,
    '--cue',
    CUE,
    '--max-steps',
    String(STEPS),
    '--lr',
    '1e-2',
    '--dtype',
    'bf16',
    '--best',
  ]);
}

const result: TuneResult = await tunePrompt(
  {
    model: MODEL,
    template: `[soft:20]{text}${CUE}{label}`,
    labels: JSON.parse(LABELS),
    train: files.train,
    valid: files.valid,
    test: files.test,
    out: join(mkdtempSync(join(tmpdir(), 'sst2-')), 'prompt'),
    maxSteps: STEPS,
    seeds,
  },
  {
    onEvent: (event) => {
      if (event.event === 'validation') console.log(`seed ${event.seed} step ${event.step}: ${event.accuracy}`);
    },
  },
);
writeResult(RESULT, {
  what: `SmolLM2-135M, SST-2, 8,000 training phrases, ${STEPS} updates of 16, 20 learned tokens, defaults otherwise`,
  machine: machine(),
  testAccuracy: result.summary,
  runs: result.runs.map(({ seed, bestStep, valid, test }) => ({
    seed,
    bestStep,
    valid: valid.accuracy,
    test: test?.accuracy,
    interval: test?.intervals.accuracy,
  })),
  table: result.scores,
  learningRate: result.learningRate,
  examplesPerSecond: result.examplesPerSecond,
  peakRssMib: result.peakRssMib,
  peft: peft(),
});
