/**
 * Transfer of soft prompts between sets of 16 examples a label (`softprompt transfer`): learning starts from nothing, from each other
 * set's prompt, from their mean and from a learned mixture. A split is a seed: sources and targets are learned on the same one.
 *
 *   npm run build && node dist/bench/transfer.js [--model embedded] [--sets "SST-2,AG News,MR,TREC"] [--splits 3] [--test 400] [--minutes 60]
 *
 * What is judged: on each set the start (another set, their mean, a mixture) that validates best, and nothing where none validates
 * better than nothing. Splits are kept in the result file: a call that was interrupted goes on.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { studentInterval } from '../src/evaluation/student-interval.js';
import { summarizeRuns } from '../src/evaluation/summarize-runs.js';
import {
  AVERAGE,
  MIXTURE,
  NONE,
  type TransferCell,
  type TransferMatrix,
  transferRows,
} from '../src/tasks/transfer/transfer-matrix.js';
import { transferPrompts } from '../src/tasks/transfer/transfer-prompts.js';
import { keptLines, machine, writeResult } from './machine.js';
import { setsNamed, type TextSet, writeRows } from './text-sets.js';

const { values: flags } = parseArgs({
  options: {
    model: { type: 'string', default: 'embedded' },
    sets: { type: 'string', default: 'SST-2,AG News,MR,TREC' },
    splits: { type: 'string', default: '3' },
    test: { type: 'string', default: '400' },
    'max-steps': { type: 'string' },
    minutes: { type: 'string', default: '60' },
    work: { type: 'string', default: join(tmpdir(), 'softprompt-transfer') },
  },
});
const RESULT = `bench/results/transfer-${basename(flags.model)}.json`;

type Alike = Pick<TransferMatrix, 'similarities' | 'taskSimilarities'>;
const cells = keptLines<TransferCell>(RESULT, 'cells');
const alike = keptLines<Alike & { readonly seed: number }>(RESULT, 'alike');
const sets = setsNamed(flags.sets);
const stop = AbortSignal.timeout(Number(flags.minutes) * 60_000);
const maxSteps = flags['max-steps'] === undefined ? undefined : Number(flags['max-steps']);

const validatesBest = (of: readonly TransferCell[]) =>
  of.reduce((best, cell) => (cell.validAccuracy > best.validAccuracy ? cell : best), of.find((c) => c.start === NONE)!);
const isSet = ({ start }: TransferCell) => start !== AVERAGE && start !== MIXTURE;

for (let seed = 0; seed < Number(flags.splits) && !stop.aborted; seed++) {
  if (alike.some((one) => one.seed === seed)) continue;
  const folder = join(flags.work, `${basename(flags.model)}-${seed}`);
  const list = join(folder, 'sets.json');
  mkdirSync(folder, { recursive: true });
  writeFileSync(list, JSON.stringify(sets.map((set) => described(set, seed, folder))));
  const result = await transferPrompts(
    { model: flags.model, sets: list, out: join(folder, 'moved'), seeds: 1, seed, maxSteps, threads: 1 },
    {
      signal: stop,
      onEvent: (event) => {
        if (event.event !== 'run ended') return;
        console.log(`split ${seed}: ${event.target} from ${event.start}: ${event.accuracy.toFixed(3)}`);
      },
    },
  );
  if (result.ended !== 'finished') break;
  cells.push(...result.cells);
  const { similarities, taskSimilarities } = result;
  alike.push({ seed, similarities, taskSimilarities });
  writeResult(RESULT, summary());
}

/** A set as `transfer` reads it, its files written into a folder. */
function described(set: TextSet, split: number, folder: string) {
  const own = join(folder, set.name);
  mkdirSync(own, { recursive: true });
  const rows = (part: 'train' | 'valid' | 'test', most?: number) =>
    writeRows(own, part, set.rows(set.splits[split]!, part), most);
  const { name, template, labels } = set;
  return { name, template, labels, train: rows('train'), valid: rows('valid'), test: rows('test', Number(flags.test)) };
}

/** Mean, deviation and interval of gains over splits, each the mean over sets, in points. */
function gainOf(startOf: (of: readonly TransferCell[]) => TransferCell | undefined) {
  const gains = [...new Set(cells.map(({ seed }) => seed))].map((seed) => {
    const here = sets.map(({ name }) => cells.filter((cell) => cell.seed === seed && cell.target === name));
    const gained = here.map((of) => {
      const without = of.find(({ start }) => start === NONE)!;
      return 100 * ((startOf(of) ?? without).accuracy - without.accuracy);
    });
    return summarizeRuns(gained).mean;
  });
  return { ...summarizeRuns(gains), interval: studentInterval(gains) ?? null };
}

function summary() {
  return {
    what: `transfer of soft prompts on the model ${basename(flags.model)}, 16 examples a label of sources and targets: test accuracy on a seeded sample of ${flags.test}; gains in points on the mean of the sets, mean and 95 % interval over splits; one thread`,
    machine: machine(),
    gains: {
      'the start that validates best': gainOf(validatesBest),
      'of the other sets, the one that validates best': gainOf((of) => validatesBest(of.filter(isSet))),
      ...Object.fromEntries([AVERAGE, MIXTURE].map((name) => [name, gainOf((of) => of.find((c) => c.start === name))])),
    },
    rows: transferRows(cells, { similarities: [], taskSimilarities: [] }),
    cells,
    alike,
  };
}
