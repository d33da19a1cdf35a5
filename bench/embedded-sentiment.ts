/**
 * Sentiment with the embedded model: English sentence polarity from 400 and from 8,000 sentences, the Chinese sentences of
 * samples/, and EPRSTMT's five splits of 16 a label. Each prompt stands beside the same words unlearned, the same learning
 * on a frozen randomly initialised twin of the model, a bag of words, and the majority class.
 *
 * Templates were chosen on training sentences that were held out for it, the number of Chinese tokens and the rate for 8,000
 * on the validation sentences; test sentences and EPRSTMT had no part in it.
 *
 *   npm run build && node dist/bench/embedded-sentiment.js [task …]
 *
 * Finished tasks are kept in the result file: a run that was interrupted goes on.
 */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accuracy } from '../src/evaluation/accuracy.js';
import { fitBagOfWords } from '../src/evaluation/bag-of-words.js';
import { predictLabels } from '../src/evaluation/predicted-labels.js';
import { summarizeRuns } from '../src/evaluation/summarize-runs.js';
import { embeddedModelFolder } from '../src/hub/embedded-model.js';
import type { TuneOptions } from '../src/tasks/tune-options.js';
import { tunePrompt } from '../src/tasks/tune-prompt.js';
import { machine, writeResult } from './machine.js';
import { writeRandomTwin } from './random-twin.js';
import { SHARED } from './sst2-data.js';

const RESULT = 'bench/results/embedded-sentiment.json';
const MODEL = process.env.MODEL ?? embeddedModelFolder();
const THREADS = process.env.THREADS === undefined ? {} : { threads: Number(process.env.THREADS) };

interface Row {
  readonly text: string;
  readonly label: string;
}
type Parts = Readonly<Record<'train' | 'valid' | 'test', readonly Row[]>>;
interface Task {
  readonly options: Pick<TuneOptions, 'template' | 'labels' | 'epochs' | 'maxSteps' | 'learningRate'>;
  /** Data sets of the task, each with the seed of its run. */
  readonly splits: readonly { readonly seed: number; readonly parts: () => Parts }[];
}

const polarity = (part: string): Row[] =>
  readFileSync(`samples/sentence-polarity/${part}.tsv`, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t') as [string, string])
    .map(([text, label]) => ({ text, label }));
const jsonLines = (path: string): Record<string, string>[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>);
const chinese = (part: string) => jsonLines(`samples/sentiment-zh/${part}.jsonl`) as unknown as Row[];
const eprstmt = (part: string): Row[] =>
  jsonLines(`${SHARED}/data/text/zh_fewclue/eprstmt/${part}.json`).map(({ sentence, label }) => ({
    text: sentence!,
    label: label!,
  }));

const ENGLISH = {
  template: '[soft:16]{text}[soft:" Verdict:"]{label}.',
  labels: { positive: ' good', negative: ' bad' },
  learningRate: 0.003,
};
const CHINESE_TEMPLATE = '[soft:8]{text}。[soft:"该文本表达了"]{label}情感';

const tasks: Readonly<Record<string, Task>> = {
  'english-400': {
    options: ENGLISH,
    splits: [0, 1].map((seed) => ({
      seed,
      parts: () => ({
        train: polarity('train').slice(400 * seed, 400 * (seed + 1)),
        valid: polarity('valid').slice(0, 200),
        test: polarity('test'),
      }),
    })),
  },
  'english-8000': {
    options: { ...ENGLISH, epochs: 3, learningRate: 0.01 },
    splits: [
      { seed: 0, parts: () => ({ train: polarity('train'), valid: polarity('valid'), test: polarity('test') }) },
    ],
  },
  chinese: {
    options: { template: CHINESE_TEMPLATE, labels: { 正向: '正向', 负向: '负向' }, learningRate: 0.003 },
    splits: [0, 1].map((seed) => ({
      seed,
      parts: () => ({ train: chinese('train'), valid: chinese('valid'), test: chinese('test') }),
    })),
  },
  eprstmt: {
    options: {
      template: CHINESE_TEMPLATE,
      labels: { Positive: '正向', Negative: '负向' },
      learningRate: 0.003,
      maxSteps: 60,
    },
    splits: [0, 1, 2, 3, 4].map((seed) => ({
      seed,
      parts: () => ({ train: eprstmt(`train_${seed}`), valid: eprstmt(`dev_${seed}`), test: eprstmt('test_public') }),
    })),
  },
};

interface Finished {
  readonly learned: number;
  readonly written: number;
  readonly randomTwin: number;
  readonly bagOfWords: number;
  readonly majority: number;
  readonly seconds: number;
}

const before: Record<string, { readonly runs: Finished[] }> = existsSync(RESULT)
  ? JSON.parse(readFileSync(RESULT, 'utf8')).tasks
  : {};
const results: Record<string, unknown> = { ...before };
const wanted = process.argv.slice(2);
const twin = mkdtempSync(join(tmpdir(), 'random-twin-'));
await writeRandomTwin(MODEL, twin, { seed: 1 });
for (const [name, task] of Object.entries(tasks)) {
  if (wanted.length > 0 ? !wanted.includes(name) : results[name] !== undefined) continue;
  const runs: Finished[] = [];
  for (const { seed, parts } of task.splits) {
    runs.push(await runSplit(task, seed, parts()));
    console.log(name, seed, JSON.stringify(runs.at(-1)));
  }
  const columns = ['learned', 'written', 'randomTwin', 'bagOfWords', 'majority'] as const;
  results[name] = {
    ...task.options,
    ...Object.fromEntries(columns.map((column) => [column, summarizeRuns(runs.map((run) => run[column]))])),
    runs,
  };
  writeResult(RESULT, {
    what: 'test accuracy of prompts learned for the embedded model, mean and standard deviation over the runs',
    machine: machine(),
    tasks: results,
  });
}

async function runSplit(task: Task, seed: number, parts: Parts): Promise<Finished> {
  const folder = mkdtempSync(join(tmpdir(), 'embedded-sentiment-'));
  const write = (part: keyof Parts) => {
    const path = join(folder, `${part}.jsonl`);
    writeFileSync(path, parts[part].map(({ text, label }) => `${JSON.stringify({ text, label })}\n`).join(''));
    return path;
  };
  const files = { train: write('train'), valid: write('valid'), test: write('test') };
  const run = (model: string, out: string, baselines: boolean) =>
    tunePrompt({ model, ...task.options, ...THREADS, ...files, out: join(folder, out), seed, baselines });
  const own = await run(MODEL, 'prompt', true);
  const random = await run(twin, 'twin', false);
  const of = (name: string, scores: typeof own.scores) =>
    scores.find((row) => row.name.startsWith(name))!.scores.accuracy!;
  return {
    learned: of('learned prompt', own.scores),
    written: of('written prompt', own.scores),
    randomTwin: of('learned prompt', random.scores),
    bagOfWords: bagOfWords(task, parts),
    majority: of('majority', own.scores),
    seconds: Math.round(own.seconds),
  };
}

function bagOfWords({ options }: Task, parts: Parts): number {
  const keys = Object.keys(options.labels ?? {});
  const indexed = (rows: readonly Row[]) => rows.map(({ text, label }) => ({ text, label: keys.indexOf(label) }));
  const [train, valid, test] = [indexed(parts.train), indexed(parts.valid), indexed(parts.test)];
  const { score } = fitBagOfWords(train, valid, keys.length);
  return accuracy(
    predictLabels(score(test.map(({ text }) => text))),
    Int32Array.from(test, ({ label }) => label),
  );
}
