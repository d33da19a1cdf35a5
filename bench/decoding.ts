/**
 * Greedy decoding of SmolLM2-135M on two cores, beside transformers' `generate`, one after the other in one run.
 *
 *   node dist/bench/decoding.js [--python python] [--tokens 64] [--threads 2] [--rounds 2] [--llama]
 *
 * Needs ../shared/models/smollm2-135m-instruct; the peers need torch, transformers and gguf, and with --llama llama-cpp-python, which decodes the
 * file as it is (4 bits) and in 8 bits. Writes bench/results/decoding.json:
 * tokens a second of all streams together, the first token's time left out, the best of the rounds.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type DecodingNetwork,
  decodingNetwork,
  PLAIN,
  type Precision,
} from '../src/network/decoding/decoding-network.js';
import { loadModel } from '../src/network/load-model.js';
import { lastJson, machine, writeResult } from './machine.js';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: 'python' },
    tokens: { type: 'string', default: '64' },
    threads: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '2' },
    llama: { type: 'boolean', default: false },
  },
});
const folder = '../shared/models/smollm2-135m-instruct';
const file = 'SmolLM2-135M-Instruct.Q4_1.gguf';
const tokens = Number(values.tokens);
const threads = Number(values.threads);
const TEXT = 'The history of the city of London begins with';

const model = await loadModel(join(folder, file));
const ids = Int32Array.from(model.tokenizer.encode(TEXT));

interface Measured {
  readonly tokensPerSecond: number;
  readonly ids: readonly number[];
}

/** Each stream reads the text, then adds tokens; what is timed are the steps. */
async function decode(network: DecodingNetwork, streams: number): Promise<Measured> {
  const slots = network.slots();
  const words = model.checkpoint.config.vocabularySize;
  const last: number[] = [];
  for (let slot = 0; slot < streams; slot++) {
    await network.begin(slots, slot, PLAIN, ids.subarray(0, 0));
    last.push(likeliest(await network.extend(slots, slot, PLAIN, ids), 0, words));
  }
  const own = [last[0]!];
  const started = performance.now();
  for (let step = 1; step < tokens; step++) {
    const logits = await network.step(slots, PLAIN, last);
    for (let slot = 0; slot < streams; slot++) last[slot] = likeliest(logits, slot * words, words);
    own.push(last[0]!);
  }
  return { tokensPerSecond: (streams * (tokens - 1) * 1000) / (performance.now() - started), ids: own };
}

function likeliest(logits: Float32Array, start: number, words: number): number {
  let best = 0;
  for (let id = 1; id < words; id++) if (logits[start + id]! > logits[start + best]!) best = id;
  return best;
}

const better = (a: Measured | undefined, b: Measured) => (a && a.tokensPerSecond > b.tokensPerSecond ? a : b);
const best: Record<string, Measured> = {};
const note = (name: string, measured: Measured) => {
  best[name] = better(best[name], measured);
  console.log(name, measured.tokensPerSecond.toFixed(1), 'tokens/s');
};

const work = mkdtempSync(join(tmpdir(), 'decoding-'));
const eightBits = join(work, 'q8_0.gguf');
if (values.llama) lastJson(values.python, ['compare/decoding.py', 'quantize', join(folder, file), eightBits]);
const LLAMA = { Q4_1: join(folder, file), Q8_0: eightBits };

for (let round = 0; round < Number(values.rounds); round++) {
  for (const streams of [1, 16]) {
    for (const precision of ['float32', 'int8'] satisfies Precision[]) {
      const network = decodingNetwork(model.checkpoint, { precision, threads });
      await decode(network, 1); // compiles
      note(`softprompt ${precision}, ${streams} streams`, await decode(network, streams));
      await network.release();
    }
    for (const dtype of ['float32', 'bfloat16']) {
      const flags = ['--dtype', dtype, '--streams', `${streams}`, '--tokens', `${tokens}`, '--threads', `${threads}`];
      const answer = lastJson(values.python, ['compare/decoding.py', 'transformers', folder, file, ...flags]);
      note(`transformers ${dtype}, ${streams} streams`, answer as unknown as Measured);
    }
  }
  for (const [bits, path] of Object.entries(values.llama ? LLAMA : {})) {
    const flags = ['--tokens', `${tokens}`, '--threads', `${threads}`];
    const answer = lastJson(values.python, ['compare/decoding.py', 'llama', path, ...flags]);
    note(`llama.cpp ${bits}, 1 streams`, answer as unknown as Measured);
  }
}
rmSync(work, { recursive: true });

const of = (name: string) => best[name]!.tokensPerSecond;
const ratios = Object.fromEntries(
  [1, 16].flatMap((streams) => {
    const peer = Math.max(...['float32', 'bfloat16'].map((dtype) => of(`transformers ${dtype}, ${streams} streams`)));
    return ['float32', 'int8'].map((precision) => [
      `softprompt ${precision} / the better transformers, ${streams} streams`,
      of(`softprompt ${precision}, ${streams} streams`) / peer,
    ]);
  }),
);
const llama = Object.keys(values.llama ? LLAMA : {}).map((bits) => [
  `softprompt int8 / llama.cpp ${bits}, 1 stream`,
  of('softprompt int8, 1 streams') / of(`llama.cpp ${bits}, 1 streams`),
]);
const same = best['softprompt float32, 1 streams']!.ids.join() === best['transformers float32, 1 streams']!.ids.join();
writeResult('bench/results/decoding.json', {
  machine: machine(),
  settings: { model: file, text: TEXT, tokens, threads, rounds: Number(values.rounds) },
  tokensPerSecond: Object.fromEntries(
    Object.entries(best).map(([name, { tokensPerSecond }]) => [name, tokensPerSecond]),
  ),
  ratios: { ...ratios, ...Object.fromEntries(llama) },
  sameTokensAsTransformersFloat32: same,
});
