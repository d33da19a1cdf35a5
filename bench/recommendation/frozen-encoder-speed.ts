/**
 * Training speed of the frozen encoder against the same network in PyTorch, float32 and bfloat16: SmolLM2-135M's first
 * layers, 8 learned tokens, items 64 wide, batches of 32 histories of ML-100K, full softmax. An epoch each, alternating,
 * medians.
 *
 *   npm run build && PEER_PYTHON=/path/to/venv/bin/python node dist/bench/recommendation/frozen-encoder-speed.js [REPEATS] [LAYERS]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../../src/evaluation/percentile.js';
import { openCheckpoint } from '../../src/network/checkpoint/open-checkpoint.js';
import { machine, writeResult } from '../machine.js';
import { matmulLimit, weightsALayer } from '../matmul-limit.js';
import { GGUF, MODEL, SHARED } from '../sst2-data.js';

const [repeats = '3', layers = '2'] = process.argv.slice(2);
const python = process.env.PEER_PYTHON;
if (python === undefined) throw new Error('Set PEER_PYTHON to a Python with torch, transformers, accelerate and gguf.');

const DATA = join(SHARED, 'data/recommendation');
const folder = mkdtempSync(join(tmpdir(), 'frozen-encoder-'));
const languageModel = join(folder, 'model');
const convert = [
  'import sys; from transformers import AutoModelForCausalLM as M',
  'm = M.from_pretrained(sys.argv[1], gguf_file=sys.argv[2])',
  'm.hf_quantizer = None; del m.config.quantization_config', // its weights are plain numbers by now
  'm.save_pretrained(sys.argv[3])',
].join('\n');
execFileSync(python, ['-c', convert, MODEL, GGUF, languageModel], { stdio: ['ignore', 'ignore', 'inherit'] });
const peer = readFileSync(join(SHARED, 'peers/sequential_recommenders.py'), 'utf8');
const peers = { bfloat16: join(folder, 'bfloat16.py'), float32: join(folder, 'float32.py') };
writeFileSync(peers.bfloat16, peer);
writeFileSync(peers.float32, peer.replaceAll('torch.bfloat16', 'torch.float32'));

/** The lines of JSON that a command prints. */
const lines = (command: string, args: readonly string[]) =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, number>);
const UPDATES = '29'; // an epoch of 943 users
const ours = () => {
  const flags = ['--model', MODEL, '--layers', layers, '--updates', UPDATES];
  const script = 'dist/bench/recommendation/frozen-encoder.js';
  const told = lines(process.execPath, [script, 'ml-100k-by-item-id', '1', ...flags, '--folder', DATA]);
  return told.at(-1)!.interactionsPerSecond!;
};
const theirs = (script: string) => {
  const data = ['--interactions', join(DATA, 'ml-100k/u.data'), '--format', 'movielens'];
  const network = ['--model', 'frozen-lm', '--lm', languageModel, '--layers', layers, '--epochs', '1'];
  return lines(python, [script, ...data, ...network])[0]!.interactions_per_s!;
};

const speeds = { softprompt: [] as number[], bfloat16: [] as number[], float32: [] as number[] };
for (let i = 0; i < Number(repeats); i++) {
  speeds.softprompt.push(ours());
  speeds.bfloat16.push(theirs(peers.bfloat16));
  speeds.float32.push(theirs(peers.float32));
  console.log(JSON.stringify(speeds));
}
const [own, bf16, f32] = [speeds.softprompt, speeds.bfloat16, speeds.float32].map(median) as [number, number, number];
const { config } = await openCheckpoint(MODEL);
// the frozen layers' products, forward and towards the rows
const gflops = (2 * 2 * Number(layers) * weightsALayer(config) * own) / 1e9;
const limitGflops = await matmulLimit(800, true);
writeResult('bench/results/recommendation-frozen-encoder-speed.json', {
  what: 'interactions a second in training, the median of the runs; softprompt computes in float32',
  machine: machine(),
  layers: Number(layers),
  interactionsPerSecond: speeds,
  timesPeer: { bfloat16: Number((own / bf16).toFixed(2)), float32: Number((own / f32).toFixed(2)) },
  matrixProducts: { limitGflops, reachedGflops: gflops, share: gflops / limitGflops },
});
