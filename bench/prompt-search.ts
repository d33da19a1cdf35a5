/**
 * Prompts found without gradients on SST-2 and AG News, 16 examples a label (RLPrompt's splits): edits of words, a policy over words,
 * and evolution of a soft prompt, beside the written prompt, calibrated by the same training texts. A call scores a candidate on
 * all training examples, as in BBT, whose budget is 8,000.
 *
 *   npm run build && node dist/bench/prompt-search.js [--model embedded] [--sets SST-2] [--calls 300] [--splits 13,21,42,87,100] [--algorithms grips,bbt]
 *
 * Finished runs are kept in the result file: a run that was interrupted goes on.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { summarizeRuns } from '../src/evaluation/summarize-runs.js';
import type { Algorithm } from '../src/tasks/prompt-search/search-options.js';
import { searchPrompt } from '../src/tasks/prompt-search/search-prompt.js';
import { keptLines, machine, writeResult } from './machine.js';
import { setsNamed, writeRows } from './text-sets.js';

const { values: flags } = parseArgs({
  options: {
    model: { type: 'string', default: 'embedded' },
    sets: { type: 'string', default: 'SST-2,AG News' },
    calls: { type: 'string', default: '300' },
    splits: { type: 'string', default: '13,21,42,87,100' },
    algorithms: { type: 'string', default: 'grips,reinforce,bbt' },
  },
});
const RESULT = `bench/results/prompt-search-${basename(flags.model)}.json`;
const TEST_SAMPLE = 500;

/** What a person writes first: a question, then the few-shot template. */
const WRITTEN: Readonly<Record<string, string>> = {
  'SST-2': 'Is this movie review negative or positive?',
  'AG News': 'Classify the news article by its topic: World, Sports, Business or Technology.',
};

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
for (const set of setsNamed(flags.sets)) {
  const { name, labels } = set;
  const template = `${WRITTEN[name]} ${set.template}`;
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
      const write = (part: 'train' | 'valid' | 'test', most?: number) =>
        writeRows(work, part, set.rows(split, part), most);
      const started = performance.now();
      const result = await searchPrompt({
        ...{ model: flags.model, template, labels, algorithm, maxCalls: calls, seed: Number(split), threads: 1 },
        ...{
          train: write('train'),
          valid: write('valid'),
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
