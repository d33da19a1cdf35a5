/**
 * 16 examples a label: SST-2, MR, AG News and TREC with five seeds each (RLPrompt's splits), and EPRSTMT in Chinese
 * (FewCLUE's five splits of 16 a label), on SmolLM2-135M. The learned prompt stands beside the same words unlearned,
 * plain and with contextual calibration.
 *
 *   npm run build && node dist/bench/few-shot.js [task …]
 *
 * Finished splits are kept in the result file: a run that was interrupted goes on.
 */
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { summarizeRuns } from '../src/evaluation/summarize-runs.js';
import { tunePrompt } from '../src/tasks/tune-prompt.js';
import { machine, writeResult } from './machine.js';
import { MODEL } from './sst2-data.js';
import { type SetPart, setsNamed, type TextSet, writeRows } from './text-sets.js';

const RESULT = 'bench/results/few-shot.json';
/** Larger test sets than SST-2's are cut to a seeded sample of 1,000, the same for all splits of a task. */
const TEST_ROWS = { most: 1821, sample: 1000 };

interface Task extends Omit<TextSet, 'name'> {
  /** Long texts: fewer updates than the default 150. */
  readonly maxSteps?: number;
}

const REVIEW = '[soft:"Is this movie review negative or positive?"] {text} It was{label}';
const LEARNED: Readonly<Record<string, Pick<Task, 'template' | 'maxSteps'>>> = {
  'SST-2': { template: REVIEW },
  MR: { template: REVIEW },
  'AG News': {
    template:
      '[soft:"Classify the news article by its topic: World, Sports, Business or Technology."] {text} Topic:{label}',
    maxSteps: 60,
  },
  TREC: {
    template:
      '[soft:"Classify the question by the type of its answer: description, entity, abbreviation, person, location or number."] {text} Answer type:{label}',
  },
  EPRSTMT: { template: '[soft:"判断评论的情感是正向还是负向："]{text}。该文本表达了{label}情感', maxSteps: 40 },
};
const tasks: Readonly<Record<string, Task>> = Object.fromEntries(
  Object.entries(LEARNED).map(([name, learned]) => [name, { ...setsNamed(name)[0]!, ...learned }]),
);

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
  const write = (part: SetPart) => {
    const rows = task.rows(split, part);
    const tooMany = part === 'test' && rows.length > TEST_ROWS.most;
    return writeRows(folder, part, rows, tooMany ? TEST_ROWS.sample : undefined);
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
