/**
 * Ten sets of 60 messages with three labels: what `tune FILE` with nothing else said (the embedded model, `--method auto`) keeps,
 * beside the bag of words, the head and the prompt alone, on 90 other messages, five seeds. A prompt that fell far behind was not
 * trained on (docs/verdicts.md): its figures are those of its best update until there. A set that stands in the result is not
 * measured again. Run: node dist/bench/messages.js [SEEDS] [SET…]
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClassificationReport } from '../src/evaluation/classification-report.js';
import type { TuneResult } from '../src/tasks/tune-events.js';
import { MESSAGE_SETS, messages } from '../test/tasks/message-sets.js';
import { lastJson, machine, writeResult } from './machine.js';

const RESULT = 'bench/results/messages.json';

interface Row {
  readonly set: string;
  readonly seed: number;
  readonly kept: string;
  /** Right of 90 (92 where a label is rare), as shares. */
  readonly auto: number;
  readonly bagOfWords: number;
  readonly head: number;
  readonly prompt: number;
  /** Updates of the prompt. */
  readonly updates?: number;
  /** `auto` is not below the better of bag of words and prompt less a standard error. */
  readonly held: boolean;
  readonly seconds: number;
}

const [seeds = '5', ...names] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'softprompt-messages-'));
const rows: Row[] = existsSync(RESULT) ? (JSON.parse(readFileSync(RESULT, 'utf8')) as { rows: Row[] }).rows : [];
try {
  for (let seed = 0; seed < Number(seeds); seed++) {
    for (const set of names.length > 0 ? names : MESSAGE_SETS) {
      if (rows.some((row) => row.set === set && row.seed === seed)) continue;
      const { train, test } = messages(set);
      const out = join(folder, `${set}-${seed}`);
      const run = (...words: string[]) =>
        lastJson('node', ['dist/src/cli/main.js', ...words, '--threads', '1', '--json']);
      const tuned = run('tune', train, '--test', test, '--out', out, '--seed', String(seed)) as unknown as TuneResult;
      const score = (name: string) => tuned.scores.find((row) => row.name === name)!.scores.accuracy!;
      const judged = run('evaluate', out, '--data', test) as unknown as ClassificationReport;
      const { accuracy: auto, examples } = judged;
      const figures = { auto, bagOfWords: score('bag of words'), head: score('head'), prompt: score('learned prompt') };
      const better = Math.max(figures.bagOfWords, figures.prompt);
      const held = auto >= better - Math.sqrt((better * (1 - better)) / examples);
      const { kept, steps: updates, seconds } = tuned;
      rows.push({ set, seed, kept: kept!, ...figures, updates, held, seconds });
      const mean = (value: (row: Row) => number) => rows.reduce((sum, row) => sum + value(row), 0) / rows.length;
      writeResult(RESULT, {
        machine: machine(),
        held: `${rows.filter((row) => row.held).length} of ${rows.length}`,
        mean: {
          ...{ auto: mean((row) => row.auto), bagOfWords: mean((row) => row.bagOfWords) },
          ...{ head: mean((row) => row.head), prompt: mean((row) => row.prompt) },
        },
        rows,
      });
      process.stderr.write(`${JSON.stringify(rows.at(-1))}\n`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
