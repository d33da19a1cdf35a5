/**
 * PEFT's prompt tuning beside `learned-answers`, in its result file: the same rows, ids, start, batches, updates and rate, its learned
 * tokens in front alone; its answers are generated and measured as ours are.
 *
 *   PEER_PYTHON=/path/to/venv/bin/python node dist/bench/learned-answers-peft.js --model models/bilingual-6m [--tasks SciTLDR,Tatoeba] [--out FOLDER]
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Example } from '../src/data/example.js';
import { METHODS } from '../src/methods/registry.js';
import { embeddingScale } from '../src/network/checkpoint/embedding-rows.js';
import { loadModel } from '../src/network/load-model.js';
import { generationTask } from '../src/tasks/generation-task.js';
import { measureGeneration } from '../src/tasks/measure-generation.js';
import { startTokens } from '../src/tasks/start-prompt.js';
import { epochBatches } from '../src/training/batches.js';
import { ANSWER_TASKS } from './generation/answer-data.js';
import { lastJson, writeResult } from './machine.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'models/bilingual-6m' },
    tasks: { type: 'string', default: 'SciTLDR,Tatoeba' },
    steps: { type: 'string', default: '200' },
    batch: { type: 'string', default: '8' },
    threads: { type: 'string', default: '1' },
    out: { type: 'string', default: 'runs/learned-answers-peft' },
    name: { type: 'string', default: 'embedded' },
  },
});
const python = process.env.PEER_PYTHON;
if (python === undefined) throw new Error('Set PEER_PYTHON to a Python with torch, transformers and peft.');
const shared = process.env.SOFTPROMPT_SHARED ?? '../shared';
const [steps, batchSize, threads] = [values.steps, values.batch, values.threads].map(Number) as [
  number,
  number,
  number,
];
const file = `bench/results/learned-answers-${values.name}.json`;
const model = await loadModel(values.model);
mkdirSync(values.out, { recursive: true });

for (const wanted of values.tasks.split(',')) {
  const { name, template, maxNewTokens, rows: read } = ANSWER_TASKS.find((one) => one.name === wanted)!;
  // learned tokens behind the text become plain words: PEFT has its tokens in front
  let front = true;
  const peftTemplate = template.replaceAll(/\[soft:"([^"]*)"\]/g, (learned, words) => {
    if (!front) return words;
    front = false;
    return learned;
  });
  const task = await generationTask(model, { template: peftTemplate, maxLength: 256, threads });
  const { train, test } = read(join(shared, 'data', 'generation'));
  const examples = (rows: typeof train) =>
    rows.map((row, i): Example => {
      const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
      return {
        id: `${i + 1}`,
        fields: Object.fromEntries(task.fields.map((field) => [field, text(row[field])])),
        label: row.target as string,
      };
    });
  const sequences = examples(train).map((example) => task.encode(example));
  const lengths = sequences.map(({ context, candidates }) => context.length + candidates[0]!.length - 1);
  const perEpoch = Math.ceil(sequences.length / batchSize);
  const batches = Array.from({ length: steps }, (_, step) => {
    const chosen = epochBatches(lengths, batchSize, 0, Math.floor(step / perEpoch))[step % perEpoch]!;
    return chosen.map((i) => ({
      context: Array.from(sequences[i]!.context).filter((id) => id >= 0),
      target: Array.from(sequences[i]!.candidates[0]!),
    }));
  });
  const scale = await embeddingScale(model.checkpoint);
  const initial = await startTokens(model, task.starts, scale, 0);
  const width = initial.length / task.starts.length;
  const rate = METHODS.soft.learningRate(scale);
  const training = join(values.out, `${basename(values.name)}-${name}.json`);
  const learned = training.replace(/json$/, 'prompt.json');
  const arrays = Array.from({ length: task.starts.length }, (_, k) =>
    Array.from(initial.subarray(k * width, (k + 1) * width)),
  );
  writeFileSync(training, JSON.stringify({ initial: arrays, rate, warmUp: 0.06, batches }));
  if (!existsSync(learned)) {
    lastJson(python, ['compare/peft_answers.py', values.model, training, learned, '--threads', `${threads}`]);
  }
  const { prompt, seconds } = JSON.parse(readFileSync(learned, 'utf8')) as { prompt: number[][]; seconds: number };
  const { report } = await measureGeneration(task, Float32Array.from(prompt.flat()), examples(test), {
    ...{ seed: 0, decoding: { maxNewTokens }, settings: { threads } },
  });
  await task.network.release();
  const result = JSON.parse(readFileSync(file, 'utf8')) as { tasks: Record<string, Record<string, unknown>> };
  result.tasks[name] = {
    ...result.tasks[name],
    peft: { template: peftTemplate, steps, batchSize, rate, seconds, report },
  };
  writeResult(file, result);
}
