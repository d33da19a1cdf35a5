/**
 * Training speed and memory against PEFT on PyTorch: SmolLM2-135M, SST-2 phrases, batch 16, 20 and 100 learned tokens,
 * both in one run, alternating, medians.
 *
 *   npm run build && PEER_PYTHON=/path/to/venv/bin/python node dist/bench/sst2-speed.js [repeats]
 */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../src/evaluation/percentile.js';
import { openCheckpoint } from '../src/network/checkpoint/open-checkpoint.js';
import { loadTokenizer } from '../src/tokenizer/load-tokenizer.js';
import { lastJson, machine, writeResult } from './machine.js';
import { matmulLimit, weightsALayer } from './matmul-limit.js';
import { CUE, GGUF, head, LABELS, MODEL, SHARED, sst2Files } from './sst2-data.js';

const repeats = Number(process.argv[2] ?? 3);
const python = process.env.PEER_PYTHON;
if (python === undefined) throw new Error('Set PEER_PYTHON to a Python with torch, transformers, peft and gguf.');

const TRAIN_ROWS = 2000;
const BATCH = 16;
const files = sst2Files(TRAIN_ROWS);
const few = head(files.valid, 64);

interface Figures {
  readonly examplesPerSecond: number;
  readonly peakRssMib: number;
}

function ours(tokens: number, steps: number, seed: number): Figures {
  const out = join(mkdtempSync(join(tmpdir(), 'speed-')), 'prompt');
  const result = lastJson(process.execPath, [
    'dist/src/cli/main.js',
    'tune',
    '--json',
    '--model',
    MODEL,
    '--out',
    out,
    '--train',
    files.train,
    '--valid',
    few,
    '--template',
    `[soft:${tokens}]{text}${CUE}{label}`,
    '--labels',
    LABELS,
    '--max-steps',
    String(steps),
    '--evaluate-every',
    String(steps),
    '--batch-size',
    String(BATCH),
    '--seed',
    String(seed),
  ]);
  return { examplesPerSecond: result.examples_per_second as number, peakRssMib: result.peak_rss_mib as number };
}

function peft(tokens: number, steps: number, dtype: string, best: boolean, seed: number): Figures {
  const result = lastJson(python!, [
    `${SHARED}/peers/peft_prompt_tuning.py`,
    '--model',
    MODEL,
    '--gguf-file',
    GGUF,
    '--train',
    files.train,
    '--valid',
    few,
    '--test',
    few,
    '--words',
    LABELS,
    '--cue',
    CUE,
    '--virtual-tokens',
    String(tokens),
    '--max-steps',
    String(steps),
    '--dtype',
    dtype,
    '--seed',
    String(seed),
    ...(best ? ['--best'] : []),
  ]);
  return { examplesPerSecond: result.examples_per_s as number, peakRssMib: result.peak_rss_mib as number };
}

const contestants: Readonly<Record<string, (seed: number) => Figures>> = {
  'softprompt f32, 20 tokens': (seed) => ours(20, 125, seed),
  'PEFT f32 default, 20 tokens': (seed) => peft(20, 12, 'f32', false, seed),
  'PEFT bf16 --best, 20 tokens': (seed) => peft(20, 30, 'bf16', true, seed),
  'softprompt f32, 100 tokens': (seed) => ours(100, 125, seed),
  'PEFT bf16 --best, 100 tokens': (seed) => peft(100, 12, 'bf16', true, seed),
};
const runs: Record<string, Figures[]> = {};
for (let seed = 0; seed < repeats; seed++) {
  for (const [name, run] of Object.entries(contestants)) {
    const figures = run(seed);
    runs[name] = [...(runs[name] ?? []), figures];
    console.log(`${name}: ${figures.examplesPerSecond.toFixed(2)} examples/s, ${Math.round(figures.peakRssMib)} MiB`);
  }
}

const speed = (name: string) => median(runs[name]!.map(({ examplesPerSecond }) => examplesPerSecond));
const memory = (name: string) => median(runs[name]!.map(({ peakRssMib }) => peakRssMib));
const ratio = (a: string, b: string) => speed(a) / speed(b);
const limit = await matmulLimit();
writeResult('bench/results/sst2-speed.json', {
  what: `prompt tuning of SmolLM2-135M on SST-2 phrases, batch ${BATCH}, medians of ${repeats} alternating runs`,
  machine: machine(),
  medians: Object.fromEntries(
    Object.keys(runs).map((name) => [name, { examplesPerSecond: speed(name), peakRssMib: memory(name) }]),
  ),
  ratios: {
    'to PEFT bf16 --best, 20 tokens (goal 2.0)': ratio('softprompt f32, 20 tokens', 'PEFT bf16 --best, 20 tokens'),
    'to PEFT f32 default, 20 tokens (goal 5)': ratio('softprompt f32, 20 tokens', 'PEFT f32 default, 20 tokens'),
    'to PEFT bf16 --best, 100 tokens (goal 4)': ratio('softprompt f32, 100 tokens', 'PEFT bf16 --best, 100 tokens'),
    'memory to PEFT f32 default (goal below 0.5)':
      memory('softprompt f32, 20 tokens') / memory('PEFT f32 default, 20 tokens'),
  },
  matrixProducts: {
    limitGflops: limit,
    reachedGflops: (await flopsAnExample(20)) * speed('softprompt f32, 20 tokens') * 1e-9,
    share: ((await flopsAnExample(20)) * speed('softprompt f32, 20 tokens') * 1e-9) / limit,
  },
  runs,
});

/** Operations of the linear layers' products, forward and towards the prompt, for an average example of the data. */
async function flopsAnExample(learnedTokens: number): Promise<number> {
  const { config } = await openCheckpoint(MODEL);
  const tokenizer = await loadTokenizer(`${MODEL}/tokenizer.json`);
  const texts = readFileSync(files.train, 'utf8').trimEnd().split('\n');
  const tokens = texts.reduce((sum, line) => sum + tokenizer.encode(JSON.parse(line).text).length, 0) / texts.length;
  const rows = tokens + tokenizer.encode(CUE).length + learnedTokens / BATCH;
  // of the last layer all but keys and values sees one row an example
  const lastLayer = config.hiddenSize * config.headSize * 2 * config.keyValueHeads;
  return 2 * 2 * rows * ((config.layers - 1) * weightsALayer(config) + lastLayer);
}
