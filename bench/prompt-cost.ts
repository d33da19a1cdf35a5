/**
 * What a learned prompt of 100 tokens, used before, adds to a request: SmolLM2-135M reads ten tokens and adds 48, with the prompt and without,
 * in turn; the shortest of each.
 *
 *   node dist/bench/prompt-cost.js [--tokens 48] [--threads 2] [--repeats 10]
 *
 * Needs ../shared/models/smollm2-135m-instruct. Writes bench/results/prompt-cost.json.
 */
import { parseArgs } from 'node:util';
import { softPrompt } from '../src/methods/soft-prompt.js';
import {
  type DecodingNetwork,
  decodingNetwork,
  type LearnedPrompt,
  PLAIN,
  PRECISIONS,
} from '../src/network/decoding/decoding-network.js';
import { loadModel } from '../src/network/load-model.js';
import { learnedToken } from '../src/prompt/sequence.js';
import { Random } from '../src/random.js';
import { machine, writeResult } from './machine.js';
import { MODEL } from './sst2-data.js';

const { values } = parseArgs({
  options: {
    tokens: { type: 'string', default: '48' },
    threads: { type: 'string', default: '2' },
    repeats: { type: 'string', default: '10' },
  },
});
const [tokens, threads, repeats] = [values.tokens, values.threads, values.repeats].map(Number) as [
  number,
  number,
  number,
];
const PROMPT_TOKENS = 100;

const model = await loadModel(MODEL);
const ids = Int32Array.from(model.tokenizer.encode('The history of the city of London begins with'));

/** Milliseconds of a whole request: its text read and all tokens added. */
async function request(network: DecodingNetwork, prompt: LearnedPrompt, front: Int32Array): Promise<number> {
  const slots = network.slots();
  const started = performance.now();
  await network.begin(slots, 0, prompt, front);
  let last = likeliest(await network.extend(slots, 0, prompt, ids));
  for (let step = 1; step < tokens; step++) last = likeliest(await network.step(slots, prompt, [last]));
  return performance.now() - started;
}

function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id;
  return best;
}

const { hiddenSize } = model.checkpoint.config;
const random = new Random(0);
const learned = Float32Array.from({ length: PROMPT_TOKENS * hiddenSize }, () => 0.1 * random.normal());
const prompt = { trainable: softPrompt(PROMPT_TOKENS, hiddenSize), learned };
const front = Int32Array.from({ length: PROMPT_TOKENS }, (_, k) => learnedToken(k));
const results: Record<string, unknown> = {};
for (const precision of PRECISIONS) {
  const network = decodingNetwork(model.checkpoint, { precision, threads });
  await request(network, prompt, front); // compiles, and computes the prompt's front
  let [without, withPrompt] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let repeat = 0; repeat < repeats; repeat++) {
    without = Math.min(without, await request(network, PLAIN, new Int32Array(0)));
    withPrompt = Math.min(withPrompt, await request(network, prompt, front));
  }
  await network.release();
  results[precision] = { milliseconds: without, withPromptOf100: withPrompt, more: withPrompt / without - 1 };
  console.log(precision, JSON.stringify(results[precision]));
}
writeResult('bench/results/prompt-cost.json', {
  machine: machine(),
  settings: { model: 'SmolLM2-135M-Instruct', textTokens: ids.length, tokens, threads, repeats },
  results,
});
