/**
 * Learning rates of the methods: each method's automatic rate and multiples of it, on the five few-shot splits of a set together
 * (up to --most examples to learn from, as many others to validate by; no test row is read). What is measured is the validation loss of
 * the best step, and the training loss of the first and the last updates: a method where these are the same has not learned.
 *
 *   npm run build && node dist/bench/method-rates.js [--model embedded] [--sets SST-2,AG News] [--methods soft,lora]
 *     [--factors 0.3,1,3] [--steps 150] [--seeds 0]
 *
 * Runs are kept in the result file; an interrupted call goes on.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { METHOD_NAMES, METHODS, type MethodName } from '../src/methods/registry.js';
import { embeddingScale } from '../src/network/checkpoint/embedding-rows.js';
import { loadModel } from '../src/network/load-model.js';
import { templateFor } from '../src/tasks/comparison/compared-sets.js';
import { learnPrompt } from '../src/tasks/learn-prompt.js';
import { loadTaskData } from '../src/tasks/task-data.js';
import { learnPlan } from '../src/tasks/tune-options.js';
import { keptLines, machine, writeResult } from './machine.js';
import { setsNamed, writeRows } from './text-sets.js';

const { values: flags } = parseArgs({
  options: {
    model: { type: 'string', default: 'embedded' },
    sets: { type: 'string', default: 'SST-2,AG News' },
    methods: { type: 'string', default: METHOD_NAMES.filter((name) => !METHODS[name].solvedAtOnce).join(',') },
    factors: { type: 'string', default: '0.3,1,3' },
    steps: { type: 'string', default: '150' },
    seeds: { type: 'string', default: '0' },
    most: { type: 'string', default: '160' },
  },
});
const RESULT = `bench/results/method-rates-${basename(flags.model)}.json`;
const TOKENS = 20;
const most = Number(flags.most);
const READING = { columns: undefined, labelColumn: undefined, shots: undefined, validShare: undefined, seed: 0 };

interface Run {
  readonly set: string;
  readonly method: MethodName;
  readonly rate: number;
  /** Of the automatic rate when this was measured. */
  readonly factor: number;
  readonly steps: number;
  readonly seed: number;
  /** Examples to learn from at most, and to validate by. */
  readonly most: number;
  readonly bestStep: number;
  readonly validLoss: number;
  readonly validAccuracy: number;
  /** Of the batches of the first three and of the last ten updates. */
  readonly firstLoss: number;
  readonly lastLoss: number;
  readonly seconds: number;
}

const runs = keptLines<Run>(RESULT, 'runs');
const model = await loadModel(flags.model, {});
const scale = await embeddingScale(model.checkpoint);
for (const set of setsNamed(flags.sets)) {
  const folder = mkdtempSync(join(tmpdir(), 'method-rates-'));
  const pooled = (part: 'train' | 'valid') =>
    writeRows(
      folder,
      part,
      set.splits.flatMap((split) => set.rows(split, part)),
      most,
    );
  const keys = Object.keys(set.labels);
  const data = await loadTaskData({ train: pooled('train'), valid: pooled('valid') }, READING, ['text'], keys);
  for (const factor of flags.factors.split(',').map(Number)) {
    for (const method of flags.methods.split(',') as MethodName[]) {
      for (const seed of flags.seeds.split(',').map(Number)) {
        const rate = METHODS[method].learningRate(scale) * factor;
        const steps = Number(flags.steps);
        const same = (run: Run) =>
          run.set === set.name &&
          run.method === method &&
          run.seed === seed &&
          run.steps === steps &&
          run.most === most;
        if (runs.some((run) => same(run) && Math.abs(run.rate / rate - 1) < 1e-6)) continue;
        const losses: number[] = [];
        const plan = learnPlan({
          ...{ template: templateFor(method, set.template, TOKENS), labels: set.labels, method },
          ...{ seed, maxSteps: steps, learningRate: rate, baselines: false, head: false, threads: 1 },
        });
        const { report } = await learnPrompt(model, data, plan, {
          onEvent: (event) => event.event === 'step' && losses.push(event.loss),
        });
        const mean = (part: readonly number[]) => part.reduce((sum, loss) => sum + loss, 0) / part.length;
        runs.push({
          ...{ set: set.name, method, rate, factor, steps, seed, most, bestStep: report.runs[0]!.bestStep },
          ...{ validLoss: report.valid!.nll, validAccuracy: report.valid!.accuracy, seconds: report.seconds },
          ...{ firstLoss: mean(losses.slice(0, 3)), lastLoss: mean(losses.slice(-10)) },
        });
        console.log(JSON.stringify(runs.at(-1)));
        writeResult(RESULT, summary());
      }
    }
  }
}

function summary() {
  return {
    what: `validation loss and accuracy by learning rate, model ${basename(flags.model)}: few-shot splits of a set together, at most \`most\` examples to learn from and as many to validate by, ${TOKENS} learned tokens, one thread`,
    machine: machine(),
    runs,
  };
}
