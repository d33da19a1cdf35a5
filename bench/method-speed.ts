/**
 * Training speed of the methods beside PEFT (of all weights: beside PyTorch alone): SmolLM2-135M, SST-2 phrases, batch 16, 20 learned tokens,
 * the same batches of similar lengths for both, alternating, medians.
 *
 *   npm run build && PEER_PYTHON=/path/to/venv/bin/python node dist/bench/method-speed.js [--methods prefix,p-tuning,lora,full] [--repeats 3] [--steps 100] [--peer-steps 12]
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../src/evaluation/percentile.js';
import { loadTokenizer } from '../src/tokenizer/load-tokenizer.js';
import { epochBatches } from '../src/training/batches.js';
import { keptLines, lastJson, machine, writeResult } from './machine.js';
import { CUE, GGUF, head, LABELS, MODEL, sst2Files } from './sst2-data.js';

const { values } = parseArgs({
  options: {
    methods: { type: 'string', default: 'prefix,p-tuning,lora,full' },
    repeats: { type: 'string', default: '3' },
    steps: { type: 'string', default: '100' },
    'peer-steps': { type: 'string', default: '12' },
  },
});
const python = process.env.PEER_PYTHON;
if (python === undefined) throw new Error('Set PEER_PYTHON to a Python with torch, transformers, peft and gguf.');
const GOALS: Readonly<Record<string, number>> = { prefix: 2, 'p-tuning': 2, lora: 1.2, full: 1 };
const TOKENS = 20;
const BATCH = 16;
const RESULT = 'bench/results/method-speed.json';

const steps = Number(values.steps);
const files = sst2Files(BATCH * steps);
const few = head(files.valid, 32);
const folder = mkdtempSync(join(tmpdir(), 'method-speed-'));
const batches = join(folder, 'batches.json');
writeFileSync(batches, JSON.stringify({ tokens: TOKENS, batches: await peerBatches(Number(values['peer-steps'])) }));

interface Figures {
  readonly examplesPerSecond: number;
  readonly peakRssMib: number;
}
interface Line {
  readonly method: string;
}

/** The first batches, as ids, that softprompt makes of the texts. */
async function peerBatches(count: number) {
  const tokenizer = await loadTokenizer(join(MODEL, 'tokenizer.json'));
  const words = JSON.parse(LABELS) as Record<string, string>;
  const rows = readFileSync(files.train, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { text: string; label: string })
    .map(({ text, label }) => ({ ids: tokenizer.encode(text + CUE), target: tokenizer.encode(words[label]!)[0]! }));
  const lengths = rows.map(({ ids }) => ids.length);
  return epochBatches(lengths, BATCH, 0, 0)
    .slice(0, count)
    .map((batch) => batch.map((i) => rows[i]!));
}

function ours(method: string, seed: number): Figures {
  const out = join(folder, `${method}-${seed}`);
  const learned = method === 'lora' || method === 'full' ? '' : `[soft:${TOKENS}]`;
  const result = lastJson(process.execPath, [
    ...['dist/src/cli/main.js', 'tune', '--json', '--model', MODEL, '--out', out, '--method', method],
    ...['--train', files.train, '--valid', few, '--template', `${learned}{text}${CUE}{label}`, '--labels', LABELS],
    ...['--max-steps', String(steps), '--evaluate-every', String(steps), '--batch-size', String(BATCH)],
    ...['--seed', String(seed)],
  ]);
  rmSync(out, { recursive: true, force: true });
  return { examplesPerSecond: result.examples_per_second as number, peakRssMib: result.peak_rss_mib as number };
}

const peer = (method: string, ...flags: string[]) =>
  lastJson(python, ['compare/method_speed.py', method, MODEL, GGUF, batches, ...flags]) as unknown as Figures;

for (const method of values.methods.split(',')) {
  const contestants: Readonly<Record<string, (seed: number) => Figures>> = {
    softprompt: (seed) => ours(method, seed),
    'PEFT f32, best': () => peer(method, '--dtype', 'f32', '--best'),
    'PEFT bf16, best': () => peer(method, '--dtype', 'bf16', '--best'),
  };
  const runs: Record<string, Figures[]> = {};
  for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
    for (const [name, run] of Object.entries(contestants)) {
      const figures = run(repeat);
      runs[name] = [...(runs[name] ?? []), figures];
      console.log(`${method}, ${name}: ${figures.examplesPerSecond.toFixed(2)} examples/s, ${figures.peakRssMib} MiB`);
    }
  }
  const medianOf = (name: string, figure: keyof Figures) => median(runs[name]!.map((one) => one[figure]));
  const speeds = Object.keys(runs).map((name) => [name, medianOf(name, 'examplesPerSecond')] as const);
  const best = Math.max(...speeds.flatMap(([name, speed]) => (name === 'softprompt' ? [] : [speed])));
  const line = {
    ...{ method, goal: GOALS[method], ratioToBest: medianOf('softprompt', 'examplesPerSecond') / best },
    examplesPerSecond: Object.fromEntries(speeds),
    peakRssMib: Object.fromEntries(Object.keys(runs).map((name) => [name, medianOf(name, 'peakRssMib')])),
    ...{ repeats: Number(values.repeats), runs },
  };
  writeResult(RESULT, {
    what: `training SmolLM2-135M on SST-2 phrases beside PEFT, batch ${BATCH}, ${TOKENS} learned tokens where a method has some, LoRA of rank 8 on queries and values, medians of alternating runs`,
    machine: machine(),
    methods: [...keptLines<Line>(RESULT, 'methods').filter((one) => one.method !== method), line],
  });
}
rmSync(folder, { recursive: true });
