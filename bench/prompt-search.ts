/**
 * Prompts found without gradients on SST-2 and AG News, 16 examples a label (RLPrompt's splits): edits of words, a policy over words,
 * and evolution of a soft prompt, beside the written prompt, calibrated by the same training texts. A call scores a candidate on
 * all training examples, as in BBT, whose budget is 8,000.
 *
 *   npm run build && node dist/bench/prompt-search.js [--model embedded] [--calls 300] [--splits 13,21,42,87,100] [--algorithms grips,bbt]
 *
 * Finished runs are kept in the result file: a run that was interrupted goes on.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { summarizeRuns } from '../src/evaluation/summarize-runs.js';
import { Random } from '../src/random.js';
import type { Algorithm } from '../src/tasks/prompt-search/search-options.js';
import { searchPrompt } from '../src/tasks/prompt-search/search-prompt.js';
import { keptLines, machine, writeResult } from './machine.js';
import { SHARED } from './sst2-data.js';

const { values: flags } = parseArgs({
  options: {
    model: { type: 'string', default: 'embedded' },
    calls: { type: 'string', default: '300' },
    splits: { type: 'string', default: '13,21,42,87,100' },
    algorithms: { type: 'string', default: 'grips,reinforce,bbt' },
  },
});
const RESULT = `bench/results/prompt-search-${basename(flags.model)}.json`;
const TEST_SAMPLE = 500;

const SETS = {
  'SST-2': {
    folder: 'sst-2',
    template: 'Is this movie review negative or positive? {text|max=100} It was{label}',
    labels: { 0: ' terrible', 1: ' great' },
  },
  'AG News': {
    folder: 'agnews',
    template:
      'Classify the news article by its topic: World, Sports, Business or Technology. {text|max=100} Topic:{label}',
    labels: { 0: ' World', 1: ' Sports', 2: ' Business', 3: ' Technology' },
  },
} as const;

interface Line {
  readonly set: string;
  readonly split: string;
  readonly algorithm: Algorithm;
  readonly calls: number;
  readonly found: number;
  /** Calibrated by the training texts too. */
  readonly written: number;
  readonly template: string;
  readonly seconds: number;
}

const lines = keptLines<Line>(RESULT, 'runs');
for (const [name, { folder, template, labels }] of Object.entries(SETS)) {
  for (const split of flags.splits.split(',')) {
    for (const algorithm of flags.algorithms.split(',') as Algorithm[]) {
      const calls = Number(flags.calls);
      if (
        lines.some(
          (line) => line.set === name && line.split === split && line.algorithm === algorithm && line.calls === calls,
        )
      )
        continue;
      const work = mkdtempSync(join(tmpdir(), 'prompt-search-'));
      const write = (part: string, most: number) => {
        const rows = readFileSync(
          `${SHARED}/data/text/en_16shot/${folder}/${part === 'test' ? '' : `16-${split}/`}${part}.tsv`,
          'utf8',
        )
          .trimEnd()
          .split(/\r?\n/)
          .slice(1)
          .map((line) => ({
            text: line.slice(0, line.lastIndexOf('\t')).trim(),
            label: line.slice(line.lastIndexOf('\t') + 1),
          }));
        const path = join(work, `${part}.jsonl`);
        const kept = rows.length > most ? new Random(0).shuffle(rows).slice(0, most) : rows;
        writeFileSync(path, kept.map((row) => `${JSON.stringify(row)}\n`).join(''));
        return path;
      };
      const started = performance.now();
      const result = await searchPrompt({
        ...{ model: flags.model, template, labels, algorithm, maxCalls: calls, seed: Number(split), threads: 1 },
        ...{
          train: write('train', 1e9),
          valid: write('dev', 1e9),
          test: write('test', TEST_SAMPLE),
          out: join(work, 'found'),
        },
      });
      lines.push({
        ...{
          set: name,
          split,
          algorithm,
          calls,
          found: result.found!.test!.accuracy,
          written: result.start!.test!.accuracy,
        },
        ...{ template: result.template!, seconds: (performance.now() - started) / 1000 },
      });
      console.log(JSON.stringify(lines.at(-1)));
      writeResult(RESULT, summary());
    }
  }
}

function summary() {
  const cells = [...new Set(lines.map(({ set, algorithm, calls }) => JSON.stringify({ set, algorithm, calls })))].map(
    (text) => {
      const cell = JSON.parse(text) as Pick<Line, 'set' | 'algorithm' | 'calls'>;
      const own = lines.filter(
        (line) => line.set === cell.set && line.algorithm === cell.algorithm && line.calls === cell.calls,
      );
      return {
        ...cell,
        found: summarizeRuns(own.map(({ found }) => found)),
        written: summarizeRuns(own.map(({ written }) => written)),
        gain: summarizeRuns(own.map(({ found, written }) => found - written)),
      };
    },
  );
  return {
    what: `prompts found without gradients on the model ${basename(flags.model)}, 16 examples a label: test accuracy on a seeded sample of ${TEST_SAMPLE}, mean and standard deviation over splits`,
    machine: machine(),
    cells,
    runs: lines,
  };
}
