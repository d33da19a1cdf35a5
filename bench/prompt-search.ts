/**
 * Prompts found without gradients on SST-2 and AG News, 16 examples a label (RLPrompt's splits): edits of words, examples that are shown,
 * a policy over words, and evolution of a soft prompt. A call scores a candidate on all training examples, as in BBT, whose budget is 8,000. Beside them
 * what a person writes: the few-shot template, with and without a question in front or behind, calibrated by the same training
 * texts; of these the one that validates best.
 *
 *   npm run build && node dist/bench/prompt-search.js [--model embedded] [--sets SST-2] [--calls 300] [--splits 13,21,42,87,100]
 *     [--algorithms grips,bbt] [--place behind] [--minutes 60]
 *
 * `--place`: where words or learned tokens are sought (examples stand in front), in front of the text or behind it, as RLPrompt has them; behind it the texts' own states are computed
 * once for all candidates of a round. Finished runs are kept in the result file: a call that was interrupted goes on.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { LabelScores } from '../src/evaluation/label-scores.js';
import { studentInterval } from '../src/evaluation/student-interval.js';
import { summarizeRuns } from '../src/evaluation/summarize-runs.js';
import { loadModel } from '../src/network/load-model.js';
import { Random } from '../src/random.js';
import { writtenTask } from '../src/tasks/prompt-search/local-scorer.js';
import { calibrationOf, judge } from '../src/tasks/prompt-search/prompt-scores.js';
import type { Algorithm } from '../src/tasks/prompt-search/search-options.js';
import { searchPrompt } from '../src/tasks/prompt-search/search-prompt.js';
import { keptLines, machine, writeResult } from './machine.js';
import { type SetPart, setsNamed, type TextRow, type TextSet, writeRows } from './text-sets.js';

const { values: flags } = parseArgs({
  options: {
    model: { type: 'string', default: 'embedded' },
    sets: { type: 'string', default: 'SST-2,AG News' },
    calls: { type: 'string', default: '300' },
    splits: { type: 'string', default: '13,21,42,87,100' },
    algorithms: { type: 'string', default: 'grips,examples,reinforce,bbt' },
    place: { type: 'string', default: 'behind' },
    minutes: { type: 'string', default: '600' },
  },
});
const RESULT = `bench/results/prompt-search-${basename(flags.model)}.json`;
const TEST_SAMPLE = 500;
const MAX_LENGTH = 256;

const QUESTIONS: Readonly<Record<string, string>> = {
  'SST-2': 'Is this movie review negative or positive?',
  'AG News': 'Classify the news article by its topic: World, Sports, Business or Technology.',
};
const SLOT = '{text|max=64}';

interface Line {
  readonly set: string;
  readonly split: string;
  readonly algorithm: Algorithm;
  readonly place: string;
  readonly calls: number;
  readonly found: number;
  /** As it was given: the few-shot template, calibrated. */
  readonly given: number;
  readonly template: string;
  readonly seconds: number;
}

/** A template that a person wrote, calibrated by a split's training texts. */
interface Written {
  readonly set: string;
  readonly split: string;
  readonly template: string;
  readonly validLoss: number;
  readonly validAccuracy: number;
  readonly accuracy: number;
}

const runs = keptLines<Line>(RESULT, 'runs');
const written = keptLines<Written>(RESULT, 'written');
const stop = AbortSignal.timeout(Number(flags.minutes) * 60_000);
const splits = flags.splits.split(',');
for (const set of setsNamed(flags.sets)) {
  if (!splits.every((split) => written.some((one) => one.set === set.name && one.split === split))) await writeBy(set);
  for (const split of splits) {
    for (const algorithm of flags.algorithms.split(',') as Algorithm[]) await searchOn(set, split, algorithm);
  }
}

async function searchOn(set: TextSet, split: string, algorithm: Algorithm): Promise<void> {
  const place = algorithm === 'examples' ? 'front' : flags.place;
  const key = { set: set.name, split, algorithm, place, calls: Number(flags.calls) };
  if (stop.aborted || runs.some((line) => isAt(line, key))) return;
  const work = mkdtempSync(join(tmpdir(), 'prompt-search-'));
  const write = (part: SetPart, most?: number) => writeRows(work, part, set.rows(split, part), most);
  const started = performance.now();
  const tokens = algorithm === 'bbt' ? 10 : 5;
  const template =
    place === 'front' ? `[soft:${tokens}]${set.template}` : set.template.replace(SLOT, `${SLOT} [soft:${tokens}]`);
  const result = await searchPrompt(
    {
      ...{ model: flags.model, template, labels: set.labels, algorithm, maxCalls: key.calls, seed: Number(split) },
      ...{ train: write('train'), valid: write('valid'), test: write('test', TEST_SAMPLE) },
      ...(algorithm !== 'examples' && { maxLength: MAX_LENGTH }),
      ...{ threads: 1, out: join(work, 'found') },
    },
    { signal: stop },
  );
  if (result.ended !== 'finished') return;
  const [found, given] = [result.found!.test!.accuracy, result.start!.test!.accuracy];
  const seconds = (performance.now() - started) / 1000;
  // texts of the sets are not ours to keep
  const lines = result.template!.split('\\n');
  const kept = algorithm === 'examples' ? `[${lines.length - 1} examples] ${lines.at(-1)}` : result.template!;
  runs.push({ ...key, found, given, template: kept, seconds });
  console.log(JSON.stringify(runs.at(-1)));
  writeResult(RESULT, summary());
}

/** What a person writes on a set, each template once, calibrated for each split. */
async function writeBy(set: TextSet): Promise<void> {
  const model = await loadModel(flags.model);
  const question = QUESTIONS[set.name]!;
  const templates = [set.template, `${question} ${set.template}`, set.template.replace(SLOT, `${SLOT} ${question}`)];
  const keys = Object.keys(set.labels);
  for (const template of templates) {
    const task = writtenTask(model, template, { labels: set.labels, maxLength: MAX_LENGTH, threads: 1 });
    const scored = async (rows: readonly TextRow[]): Promise<[LabelScores, Int32Array]> => {
      const examples = rows.map(({ text, label }, i) => ({ id: `${i}`, fields: { text }, label }));
      const targets = Int32Array.from(rows, ({ label }) => keys.indexOf(label));
      return [await task.score(new Float32Array(0), examples.map(task.encode)), targets];
    };
    const test = await scored(new Random(0).shuffle([...set.rows(splits[0]!, 'test')]).slice(0, TEST_SAMPLE));
    for (const split of splits) {
      if (written.some((one) => isAt(one, { set: set.name, split, template }))) continue;
      const calibration = calibrationOf(...(await scored(set.rows(split, 'train'))));
      const [valid, tested] = [await scored(set.rows(split, 'valid')), test].map(([scores, targets]) =>
        judge(scores, targets, calibration),
      );
      written.push({
        ...{ set: set.name, split, template, validLoss: valid!.loss, validAccuracy: valid!.accuracy },
        accuracy: tested!.accuracy,
      });
    }
    await task.network.release();
  }
  writeResult(RESULT, summary());
}

function isAt<T extends object>(one: T, key: Partial<T>): boolean {
  return Object.entries(key).every(([name, value]) => one[name as keyof T] === value);
}

/** The accuracy of the written template that validates best on a split. */
function bestWritten(set: string, split: string): number {
  const of = written.filter((one) => isAt(one, { set, split }));
  return of.reduce((best, one) =>
    one.validAccuracy > best.validAccuracy ||
    (one.validAccuracy === best.validAccuracy && one.validLoss < best.validLoss)
      ? one
      : best,
  ).accuracy;
}

function summary() {
  const keys = runs.map(({ set, algorithm, place, calls }) => JSON.stringify({ set, algorithm, place, calls }));
  const cells = [...new Set(keys)].map((text) => {
    const cell = JSON.parse(text) as Pick<Line, 'set' | 'algorithm' | 'place' | 'calls'>;
    const own = runs.filter((line) => isAt(line, cell));
    const gains = own.map(({ found, set, split }) => found - bestWritten(set, split));
    return {
      ...cell,
      found: summarizeRuns(own.map(({ found }) => found)),
      given: summarizeRuns(own.map(({ given }) => given)),
      written: summarizeRuns(own.map(({ set, split }) => bestWritten(set, split))),
      gain: { ...summarizeRuns(gains), interval: studentInterval(gains) ?? null },
    };
  });
  return {
    what: `prompts found without gradients on the model ${basename(flags.model)}, 16 examples a label: test accuracy on a seeded sample of ${TEST_SAMPLE}, mean and standard deviation over splits, 95 % intervals of gains; written: of three templates of a person, calibrated by the training texts, the one that validates best`,
    machine: machine(),
    cells,
    runs,
    written,
  };
}
