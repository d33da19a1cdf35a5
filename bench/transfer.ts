/**
 * Transfer of soft prompts between few-shot sets (`softprompt transfer`): a source is learned on all rows of a set's five splits that stand
 * in no set's test file (MR and SST-2 share sentences), a target from 16 examples a label of them. Learning starts from nothing, from
 * the other set whose texts are most like its own, or from what `--starts` says.
 *
 *   npm run build && node dist/bench/transfer.js [--model embedded] [--sets "SST-2,AG News,MR,TREC"] [--seeds 3] [--starts none,nearest]
 *     [--test 400] [--minutes 60] [--work FOLDER]
 *
 * What is judged: on each set and seed the start that validates best (by accuracy; nothing where none validates better). A call that was
 * interrupted goes on with the same work folder.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { studentInterval } from '../src/evaluation/student-interval.js';
import { summarizeRuns } from '../src/evaluation/summarize-runs.js';
import { NONE, type TransferCell, type TransferMatrix } from '../src/tasks/transfer/transfer-matrix.js';
import type { StartKind } from '../src/tasks/transfer/transfer-options.js';
import { transferPrompts } from '../src/tasks/transfer/transfer-prompts.js';
import { machine, writeResult } from './machine.js';
import { setsNamed, type TextSet, writeRows } from './text-sets.js';

const { values: flags } = parseArgs({
  options: {
    model: { type: 'string', default: 'embedded' },
    sets: { type: 'string', default: 'SST-2,AG News,MR,TREC' },
    seeds: { type: 'string', default: '3' },
    starts: { type: 'string', default: 'none,nearest' },
    test: { type: 'string', default: '400' },
    minutes: { type: 'string', default: '60' },
    work: { type: 'string', default: join(tmpdir(), 'softprompt-transfer') },
  },
});
const RESULT = `bench/results/transfer-${basename(flags.model)}.json`;
const SHOTS = 16;

const sets = setsNamed(flags.sets);
const folder = join(flags.work, basename(flags.model));
mkdirSync(folder, { recursive: true });
const list = join(folder, 'sets.json');
const tested = new Set(sets.flatMap((set) => set.rows(set.splits[0]!, 'test').map(({ text }) => wordsOf(text))));
const described = sets.map(describe);
writeFileSync(list, JSON.stringify(described.map(({ rows: _, ...set }) => set)));
const result = await transferPrompts(
  {
    ...{ model: flags.model, sets: list, out: join(folder, 'moved'), seeds: Number(flags.seeds), shots: SHOTS },
    ...{ starts: flags.starts.split(',') as StartKind[], threads: 1 },
  },
  {
    signal: AbortSignal.timeout(Number(flags.minutes) * 60_000),
    onEvent: (event) => {
      if (event.event === 'source') console.log(`source ${event.set}`);
      if (event.event !== 'run ended') return;
      console.log(`seed ${event.seed}: ${event.target} from ${event.start}: ${event.accuracy.toFixed(3)}`);
    },
  },
);
// interrupted, it holds what has ended so far
if (result.cells.length > 0) writeResult(RESULT, summary(result));

/** A set as `transfer` reads it, its files written into a folder. */
function describe(set: TextSet) {
  const own = join(folder, set.name);
  mkdirSync(own, { recursive: true });
  const [first] = set.splits;
  const valid = set.rows(first!, 'valid');
  const left = new Set([...tested, ...valid.map(({ text }) => wordsOf(text))]);
  const train = set.splits
    .flatMap((split) => [...set.rows(split, 'train'), ...set.rows(split, 'valid')])
    .filter(({ text }) => {
      const isNew = !left.has(wordsOf(text));
      left.add(wordsOf(text));
      return isNew;
    });
  const { name, template, labels } = set;
  return {
    ...{ name, template, labels, train: writeRows(own, 'train', train), valid: writeRows(own, 'valid', valid) },
    ...{ test: writeRows(own, 'test', set.rows(first!, 'test'), Number(flags.test)), rows: train.length },
  };
}

/** What makes two texts the same: their letters and digits. */
function wordsOf(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}

/** Mean, deviation and interval of gains over seeds, each the mean over the targets that have ended, in points. */
function gainOf(cells: readonly TransferCell[], chosen: (of: readonly TransferCell[]) => TransferCell) {
  const gains = [...new Set(cells.map(({ seed }) => seed))].flatMap((seed) => {
    const bySet = sets.map(({ name }) => cells.filter((cell) => cell.seed === seed && cell.target === name));
    const starts = Math.max(...bySet.map((of) => of.length));
    if (bySet.some((of) => of.length < starts)) return [];
    const gained = bySet.map((of) => 100 * (chosen(of).accuracy - of.find(({ start }) => start === NONE)!.accuracy));
    return [summarizeRuns(gained).mean];
  });
  return gains.length === 0 ? null : { ...summarizeRuns(gains), interval: studentInterval(gains) ?? null };
}

function summary({ cells, similarities, taskSimilarities, rows }: Omit<TransferMatrix, 'format' | 'model' | 'ended'>) {
  const nothing = (of: readonly TransferCell[]) => of.find(({ start }) => start === NONE)!;
  const best = (of: readonly TransferCell[]) =>
    of.reduce((a, b) => (b.validAccuracy > a.validAccuracy ? b : a), nothing(of));
  return {
    what: `transfer of soft prompts on the model ${basename(flags.model)}: sources of all rows of a set's five splits, ${SHOTS} examples a label of targets; test accuracy on a seeded sample of ${flags.test}; gains in points on the mean of the sets, mean and 95 % interval over seeds; one thread`,
    machine: machine(),
    sourceRows: Object.fromEntries(described.map(({ name, rows: count }) => [name, count])),
    gains: {
      'the start that validates best': gainOf(cells, best),
      'a source that is taken in any case, the best by validation': gainOf(cells, (of) => {
        const [first, ...others] = of.filter(({ start }) => start !== NONE);
        return others.reduce((a, b) => (b.validAccuracy > a.validAccuracy ? b : a), first ?? nothing(of));
      }),
    },
    rows,
    similarities,
    taskSimilarities,
    cells,
  };
}
