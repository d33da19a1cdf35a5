/**
 * Every method beside every other, 16 examples a label: `softprompt compare` on each few-shot split of a set, with the method's own
 * rate, start and number of updates, and the written prompt and a bag of words beside them. Accuracy is that on a seeded sample of the
 * test rows, mean and 95 % interval over splits.
 *
 *   npm run build && node dist/bench/methods.js [--model embedded] [--sets SST-2,AG News] [--splits 3] [--methods soft,lora]
 *     [--max-steps 150] [--test 400] [--minutes 24]
 *
 * Runs are kept in the result file: a call that was interrupted goes on with those that are missing.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { METHOD_NAMES, type MethodName } from '../src/methods/registry.js';
import { compareMethods } from '../src/tasks/comparison/compare-methods.js';
import type { Baseline, Cell } from '../src/tasks/comparison/comparison.js';
import { advise, comparisonRows } from '../src/tasks/comparison/summarise.js';
import { keptLines, machine, writeResult } from './machine.js';
import { setsNamed, writeRows } from './text-sets.js';

const { values: flags } = parseArgs({
  options: {
    model: { type: 'string', default: 'embedded' },
    sets: { type: 'string', default: 'SST-2,AG News' },
    splits: { type: 'string', default: '3' },
    methods: { type: 'string', default: METHOD_NAMES.join(',') },
    'max-steps': { type: 'string' },
    test: { type: 'string', default: '400' },
    minutes: { type: 'string', default: '24' },
    work: { type: 'string', default: join(tmpdir(), 'softprompt-methods') },
  },
});
/** As comparisons have it. */
const BUDGET = { shots: 16 };
const RESULT = `bench/results/methods-${basename(flags.model)}.json`;

// the seed of a run stands for its split
const cells = keptLines<Cell>(RESULT, 'cells');
const baselines = keptLines<Baseline>(RESULT, 'baselines');
const stop = AbortSignal.timeout(Number(flags.minutes) * 60_000);
for (let split = 0; split < Number(flags.splits); split++) {
  for (const set of setsNamed(flags.sets)) {
    const methods = (flags.methods.split(',') as MethodName[]).filter(
      (method) => !cells.some((cell) => cell.set === set.name && cell.seed === split && cell.method === method),
    );
    if (methods.length === 0 || stop.aborted) continue;
    const folder = join(flags.work, `${basename(flags.model)}-${set.name}-${split}`);
    mkdirSync(folder, { recursive: true });
    const name = set.splits[split]!;
    const rows = (part: 'train' | 'valid' | 'test', most?: number) =>
      writeRows(folder, part, set.rows(name, part), most);
    const data = { train: rows('train'), valid: rows('valid'), test: rows('test', Number(flags.test)) };
    const maxSteps = flags['max-steps'] === undefined ? undefined : [Number(flags['max-steps'])];
    const { template, labels } = set;
    const result = await compareMethods(
      {
        model: flags.model,
        template,
        labels,
        ...data,
        methods,
        maxSteps,
        seeds: 1,
        out: join(folder, 'compared'),
        overwrite: true,
        threads: 1,
      },
      {
        signal: stop,
        onEvent: (event) => {
          if (event.event !== 'run ended') return;
          const { event: _, ...cell } = event;
          cells.push({ ...cell, set: set.name, budget: BUDGET, seed: split });
          console.log(
            `${set.name} ${name} ${cell.method}: ${(100 * cell.accuracy).toFixed(1)} %, ${cell.seconds.toFixed(0)} s`,
          );
          writeResult(RESULT, summary());
        },
      },
    );
    for (const row of result.baselines) {
      if (baselines.some((one) => one.set === set.name && one.seed === split && one.name === row.name)) continue;
      baselines.push({ ...row, set: set.name, budget: BUDGET, seed: split });
    }
    writeResult(RESULT, summary());
    if (result.ended === 'finished') rmSync(folder, { recursive: true });
  }
}

function summary() {
  const rows = comparisonRows(cells, baselines);
  return {
    what: `every method on ${basename(flags.model)}, 16 examples a label, ${flags['max-steps'] ?? "the methods' own number of"} updates: test accuracy on a seeded sample of ${flags.test}, mean and 95 % interval over splits; seeds are splits; one thread`,
    machine: machine(),
    advice: advise(rows, cells, 1),
    rows,
    cells,
    baselines,
  };
}
