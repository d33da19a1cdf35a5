/**
 * WebAssembly beside the native runtime: one training step of a prompt (20 learned tokens, batch 8, 24 text tokens), the two
 * in turn, on one thread and on all. Wall clock where the machine is quiet; processor time, of all threads together, is the
 * same on a busy one.
 *
 *   npm run build && node dist/bench/runtimes.js [rounds] [MODEL …]
 */
import { availableParallelism } from 'node:os';
import { median } from '../src/evaluation/percentile.js';
import { softPrompt } from '../src/methods/soft-prompt.js';
import { loadModel } from '../src/network/load-model.js';
import { promptNetwork } from '../src/network/prompt-network.js';
import { learnedCount } from '../src/network/trainable.js';
import { learnedToken, type PromptSequence } from '../src/prompt/sequence.js';
import { Random } from '../src/random.js';
import { loadRuntime } from '../src/runtime/load-runtime.js';
import { RUNTIMES } from '../src/runtime/runtime-choice.js';
import { machine, writeResult } from './machine.js';

const rounds = Number(process.argv[2] ?? 15);
const models = process.argv.slice(3);
const [TOKENS, BATCH, LENGTH] = [20, 8, 24];
const results: object[] = [];
for (const model of models.length > 0 ? models : ['embedded']) {
  const { checkpoint } = await loadModel(model);
  const random = new Random(0);
  const word = () => 100 + random.integer(1000);
  const batch: PromptSequence[] = Array.from({ length: BATCH }, (_, i) => ({
    context: Int32Array.from({ length: TOKENS + LENGTH }, (_, at) => (at < TOKENS ? learnedToken(at) : word())),
    candidates: [Int32Array.of(200), Int32Array.of(300)],
    target: i % 2,
  }));
  for (const threads of new Set([1, availableParallelism()])) {
    const trainable = softPrompt(TOKENS, checkpoint.config.hiddenSize);
    const learned = new Float32Array(learnedCount(trainable)).fill(0.01);
    const contestants = await Promise.all(
      RUNTIMES.map(async (name) => {
        const shape = { loss: 'labels', trainable, sharedRows: 0, maxPositions: TOKENS + LENGTH + 1 } as const;
        const network = promptNetwork(checkpoint, { ...shape, threads, runtime: await loadRuntime(name) });
        await network.lossAndGradient(learned, batch);
        return { name, network, milliseconds: [] as number[], processorMilliseconds: [] as number[] };
      }),
    );
    for (let i = 0; i < rounds; i++) {
      for (const { network, milliseconds, processorMilliseconds } of contestants) {
        const [began, cpu] = [performance.now(), process.cpuUsage()];
        await network.lossAndGradient(learned, batch);
        const { user, system } = process.cpuUsage(cpu);
        milliseconds.push(performance.now() - began);
        processorMilliseconds.push((user + system) / 1000);
      }
    }
    const figures = contestants.map(({ name, milliseconds, processorMilliseconds }) => {
      const step = { median: median(milliseconds), least: Math.min(...milliseconds) };
      return { runtime: name, step, processorTime: median(processorMilliseconds) };
    });
    const [native, wasm] = [figures[0]!, figures[1]!];
    const slower = {
      median: wasm.step.median / native.step.median,
      least: wasm.step.least / native.step.least,
      processorTime: wasm.processorTime / native.processorTime,
    };
    for (const { network } of contestants) await network.release();
    results.push({ model, threads, milliseconds: figures, wasmSlower: slower });
    console.log(model, `${threads} threads`, JSON.stringify(slower));
  }
}
writeResult('bench/results/runtimes.json', {
  what: `a training step of a prompt: ${TOKENS} learned tokens, batch ${BATCH}, ${LENGTH} text tokens; WebAssembly beside the native runtime, ${rounds} steps of each in turn`,
  machine: machine(),
  results,
});
