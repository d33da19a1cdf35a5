/**
 * A learned prompt beside the same template unlearned, on tasks whose answers are texts.
 *
 *   node dist/bench/learned-answers.js [--model embedded] [--tasks SciTLDR,CSL] [--steps 200] [--test 210] [--threads 1] [--out FOLDER]
 *
 * Data: ../shared/data/generation, or $SOFTPROMPT_SHARED/data/generation. Runs that are there are resumed. Writes
 * bench/results/learned-answers-MODEL.json.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadExamples } from '../src/data/load-examples.js';
import { compareGenerations } from '../src/evaluation/generation/generation-report.js';
import { loadModel } from '../src/network/load-model.js';
import { withoutLearned } from '../src/prompt/without-learned.js';
import { generationTask } from '../src/tasks/generation-task.js';
import { measureGeneration } from '../src/tasks/measure-generation.js';
import { openGeneration } from '../src/tasks/open-generation.js';
import { resumeTuning, tunePrompt } from '../src/tasks/tune-prompt.js';
import { ANSWER_TASKS } from './generation/answer-data.js';
import { machine, writeResult } from './machine.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'embedded' },
    tasks: { type: 'string', default: ANSWER_TASKS.map(({ name }) => name).join(',') },
    steps: { type: 'string', default: '200' },
    batch: { type: 'string', default: '8' },
    /** Test rows, the first so many of each task's. */
    test: { type: 'string', default: '210' },
    threads: { type: 'string', default: '1' },
    out: { type: 'string', default: 'runs/learned-answers' },
  },
});
const shared = process.env.SOFTPROMPT_SHARED ?? '../shared';
const threads = Number(values.threads);
const name = basename(values.model)
  .toLowerCase()
  .replace(/\.gguf$/, '');
const file = `bench/results/learned-answers-${name}.json`;
const results: Record<string, unknown> = existsSync(file)
  ? (JSON.parse(readFileSync(file, 'utf8')) as { tasks: Record<string, unknown> }).tasks
  : {};

for (const wanted of values.tasks.split(',')) {
  const task = ANSWER_TASKS.find(({ name }) => name === wanted)!;
  const folder = join(values.out, `${name}-${task.name}`);
  mkdirSync(folder, { recursive: true });
  const rows = task.rows(join(shared, 'data', 'generation'));
  const fileOf = (part: keyof typeof rows) => join(folder, `${part}.jsonl`);
  for (const part of ['train', 'valid', 'test'] as const) {
    writeFileSync(fileOf(part), rows[part].map((row) => `${JSON.stringify(row)}\n`).join(''));
  }
  const { template, maxNewTokens, metric } = task;
  const out = join(folder, 'prompt');
  const settings = {
    maxSteps: Number(values.steps),
    batchSize: Number(values.batch),
    evaluateEvery: Math.ceil(Number(values.steps) / 4),
    maxLength: 256,
  };
  const hooks = {
    onEvent: (event: { event: string }) => {
      if (event.event === 'validation' || event.event === 'note') console.log(task.name, JSON.stringify(event));
    },
  };
  if (!existsSync(join(out, 'softprompt.json'))) {
    const options = {
      model: values.model,
      template,
      task: 'generate',
      train: fileOf('train'),
      valid: fileOf('valid'),
    } as const;
    const run = { ...options, out, ...settings, maxNewTokens, threads, measureTexts: 0, baselines: false };
    await (existsSync(join(out, 'training')) ? resumeTuning(out, hooks) : tunePrompt(run, hooks));
  }
  const open = await openGeneration(out, { threads });
  const model = await loadModel(values.model);
  const written = await generationTask(model, {
    template: withoutLearned(open.task.template),
    maxLength: 256,
    threads,
  });
  const rowsOfTest = await loadExamples(fileOf('test'), { fields: open.task.fields, labelColumn: 'target' });
  const examples = rowsOfTest.slice(0, Number(values.test));
  const mostTexts = metric === 'perplexity' ? 0 : undefined; // nothing has to be generated for it
  const measuring = { seed: 0, mostTexts, decoding: { maxNewTokens }, settings: { threads } };
  const learned = await measureGeneration(open.task, open.saved.learned.values, examples, measuring);
  const unlearned = await measureGeneration(written, new Float32Array(0), examples, measuring);
  await open.close();
  await written.network.release();
  results[task.name] = {
    ...{ template, metric, settings, train: rows.train.length, valid: rows.valid.length, test: examples.length },
    learned: learned.report,
    written: unlearned.report,
    difference: compareGenerations(learned.input, unlearned.input, metric),
    ...(mostTexts === undefined && { sample: learned.answers.slice(0, 2).map(({ text }) => text) }),
  };
  writeResult(file, { machine: machine(), model: name, tasks: results });
}
