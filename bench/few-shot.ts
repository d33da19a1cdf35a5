/**
 * 16 examples a label: SST-2, MR, AG News and TREC with five seeds each (RLPrompt's splits), and EPRSTMT in Chinese
 * (FewCLUE's five splits of 16 a label), on SmolLM2-135M. The learned prompt stands beside the same words unlearned,
 * plain and with contextual calibration.
 *
 *   npm run build && node dist/bench/few-shot.js [task …]
 *
 * Finished splits are kept in the result file: a run that was interrupted goes on.
 */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { summarizeRuns } from '../src/evaluation/summarize-runs.js';
import { Random } from '../src/random.js';
import { tunePrompt } from '../src/tasks/tune-prompt.js';
import { machine, writeResult } from './machine.js';
import { MODEL, SHARED } from './sst2-data.js';

const RESULT = 'bench/results/few-shot.json';
/** Larger test sets than SST-2's are cut to a seeded sample of 1,000, the same for all splits of a task. */
const TEST_ROWS = { most: 1821, sample: 1000 };

interface Task {
  readonly template: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly splits: readonly string[];
  /** Long texts: fewer updates than the default 150. */
  readonly maxSteps?: number;
  readonly rows: (split: string, part: 'train' | 'valid' | 'test') => Row[];
}
interface Row {
  readonly text: string;
  readonly label: string;
}

const SEEDS = ['13', '21', '42', '87', '100'];

function english(folder: string, template: string, labels: Task['labels']): Task {
  const read = (path: string): Row[] =>
    readFileSync(`${SHARED}/data/text/en_16shot/${folder}/${path}`, 'utf8')
      .trimEnd()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => ({
        text: line.slice(0, line.lastIndexOf('\t')).trim(),
        label: line.slice(line.lastIndexOf('\t') + 1),
      }));
  const files = { train: 'train.tsv', valid: 'dev.tsv', test: 'test.tsv' };
  const rows: Task['rows'] = (split, part) => read(part === 'test' ? files.test : `16-${split}/${files[part]}`);
  return { template, labels, splits: SEEDS, rows };
}

const tasks: Readonly<Record<string, Task>> = {
  'SST-2': english('sst-2', '[soft:"Is this movie review negative or positive?"] {text} It was{label}', {
    0: ' terrible',
    1: ' great',
  }),
  MR: english('mr', '[soft:"Is this movie review negative or positive?"] {text} It was{label}', {
    0: ' terrible',
    1: ' great',
  }),
  'AG News': {
    ...english(
      'agnews',
      '[soft:"Classify the news article by its topic: World, Sports, Business or Technology."] {text} Topic:{label}',
      {
        0: ' World',
        1: ' Sports',
        2: ' Business',
        3: ' Technology',
      },
    ),
    maxSteps: 60,
  },
  TREC: english(
    'trec',
    '[soft:"Classify the question by the type of its answer: description, entity, abbreviation, person, location or number."] {text} Answer type:{label}',
    {
      0: ' description',
      1: ' entity',
      2: ' abbreviation',
      3: ' person',
      4: ' location',
      5: ' number',
    },
  ),
  EPRSTMT: {
    template: '[soft:"判断评论的情感是正向还是负向："]{text}。该文本表达了{label}情感',
    labels: { Negative: '负向', Positive: '正向' },
    splits: ['0', '1', '2', '3', '4'],
    maxSteps: 40,
    rows: (split, part) => {
      const name = { train: `train_${split}`, valid: `dev_${split}`, test: 'test_public' }[part];
      return readFileSync(`${SHARED}/data/text/zh_fewclue/eprstmt/${name}.json`, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { sentence: string; label: string })
        .map(({ sentence, label }) => ({ text: sentence, label }));
    },
  },
};

interface Finished {
  readonly learned: number;
  readonly learnedCalibrated: number;
  /** The same for all splits of a task, which share the test data: scored with the first. */
  readonly written: number;
  readonly writtenCalibrated: number;
  readonly majority: number;
  readonly seconds: number;
}
type Results = Record<string, Record<string, Finished>>;

const before: Results = existsSync(RESULT) ? JSON.parse(readFileSync(RESULT, 'utf8')).splits : {};
const results: Results = { ...before };
const wanted = process.argv.slice(2);

for (const [name, task] of Object.entries(tasks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const split of task.splits) {
    if (results[name]?.[split] !== undefined) continue;
    const finished = await runSplit(task, split, Object.values(results[name] ?? {})[0]);
    results[name] = { ...results[name], [split]: finished };
    console.log(name, split, JSON.stringify(finished));
    writeResult(RESULT, summary(results));
  }
}

async function runSplit(task: Task, split: string, scored: Finished | undefined): Promise<Finished> {
  const folder = mkdtempSync(join(tmpdir(), 'few-shot-'));
  const write = (part: 'train' | 'valid' | 'test') => {
    const rows = task.rows(split, part);
    const tooMany = part === 'test' && rows.length > TEST_ROWS.most;
    const kept = tooMany ? new Random(0).shuffle(rows).slice(0, TEST_ROWS.sample) : rows;
    const path = join(folder, `${part}.jsonl`);
    writeFileSync(path, kept.map((row) => `${JSON.stringify(row)}\n`).join(''));
    return path;
  };
  const { scores, seconds } = await tunePrompt({
    model: MODEL,
    template: task.template,
    labels: task.labels,
    train: write('train'),
    valid: write('valid'),
    test: write('test'),
    out: join(folder, 'prompt'),
    seed: Number(split),
    maxSteps: task.maxSteps,
    baselines: scored === undefined,
  });
  const accuracy = (row: string) => scores.find(({ name }) => name.startsWith(row))!.scores.accuracy!;
  return {
    learned: accuracy('learned prompt'),
    learnedCalibrated: accuracy('learned prompt, calibrated'),
    written: scored?.written ?? accuracy('written prompt'),
    writtenCalibrated: scored?.writtenCalibrated ?? accuracy('written prompt, calibrated'),
    majority: accuracy('majority'),
    seconds,
  };
}

function summary(splits: Results) {
  const columns = ['learned', 'learnedCalibrated', 'written', 'writtenCalibrated', 'majority'] as const;
  return {
    what: '16 examples a label, SmolLM2-135M, accuracy: mean and standard deviation over five splits',
    machine: machine(),
    tasks: Object.fromEntries(
      Object.entries(splits).map(([name, finished]) => [
        name,
        {
          template: tasks[name]!.template,
          labels: tasks[name]!.labels,
          ...Object.fromEntries(
            columns.map((column) => [column, summarizeRuns(Object.values(finished).map((run) => run[column]))]),
          ),
        },
      ]),
    ),
    splits,
  };
}
