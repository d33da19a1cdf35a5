/**
 * `softprompt design` with no template and no label words given, beside a soft prompt behind a template that a person wrote: 16 examples a
 * label, or 8,000 of SST-2, the same learned tokens, updates and test sample. Where a set's labels are numbers, design knows no names of them.
 *
 *   npm run build && node dist/bench/designed.js [--model embedded] [--sets SST-2,AG News,EPRSTMT] [--splits 2] [--design-minutes 3]
 *     [--minutes 60]
 *
 * Runs are kept in the result file: a call that was interrupted goes on.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { studentInterval } from '../src/evaluation/student-interval.js';
import { summarizeRuns } from '../src/evaluation/summarize-runs.js';
import { type DesignResult, designPrompt } from '../src/tasks/design/design-prompt.js';
import { tunePrompt } from '../src/tasks/tune-prompt.js';
import { keptLines, machine, writeResult } from './machine.js';
import { setsNamed, writeRows } from './text-sets.js';

const { values: flags } = parseArgs({
  options: {
    model: { type: 'string', default: 'embedded' },
    sets: { type: 'string', default: 'SST-2,AG News,EPRSTMT' },
    splits: { type: 'string', default: '2' },
    'design-minutes': { type: 'string', default: '3' },
    test: { type: 'string', default: '400' },
    minutes: { type: 'string', default: '600' },
  },
});
const RESULT = `bench/results/designed-${basename(flags.model)}.json`;
const TOKENS = 20;

interface Run {
  readonly set: string;
  readonly split: string;
  readonly designed: number;
  readonly handWritten: number;
  readonly template: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly kept: string;
  /** Of the form that was chosen: whose label words. */
  readonly words: string;
  readonly designSeconds: number;
  readonly handWrittenSeconds: number;
}

const runs = keptLines<Run>(RESULT, 'runs');
const end = performance.now() + Number(flags.minutes) * 60_000;
for (let place = 0; place < Number(flags.splits); place++) {
  for (const set of setsNamed(flags.sets)) {
    const split = set.splits[place];
    if (split === undefined || performance.now() > end) continue;
    if (runs.some((run) => run.set === set.name && run.split === split)) continue;
    const folder = mkdtempSync(join(tmpdir(), 'designed-'));
    const files = {
      train: writeRows(folder, 'train', set.rows(split, 'train')),
      valid: writeRows(folder, 'valid', set.rows(split, 'valid')),
      test: writeRows(folder, 'test', set.rows(split, 'test'), Number(flags.test)),
    };
    const asked = { model: flags.model, ...files, seed: place, threads: 1 };
    const started = performance.now();
    const designed = await designPrompt({
      ...{ ...asked, tokens: TOKENS, minutes: Number(flags['design-minutes']), out: join(folder, 'designed') },
    });
    const designSeconds = (performance.now() - started) / 1000;
    const template = `[soft:${TOKENS}]${set.template}`;
    const out = join(folder, 'written');
    const written = await tunePrompt({
      ...{ ...asked, template, labels: set.labels, baselines: false, head: false, out },
    });
    const chosen = designed.forms.find((form) => designed.template?.includes(form.template));
    runs.push({
      ...{ set: set.name, split, designed: judgedOf(designed), handWritten: written.test!.accuracy },
      ...{ template: designed.template!, labels: designed.labels!, kept: designed.kept!, words: chosen?.words ?? '' },
      ...{ designSeconds, handWrittenSeconds: written.seconds },
    });
    console.log(JSON.stringify(runs.at(-1)));
    writeResult(RESULT, summary());
  }
}

function summary() {
  const names = [...new Set(runs.map(({ set }) => set))];
  return {
    what: `design with no template given beside a soft prompt behind a hand-written template, model ${basename(flags.model)}, 16 examples a label (SST-2 8000: 8,000 in all), ${TOKENS} learned tokens, at most ${flags['design-minutes']} minutes: test accuracy on a seeded sample of ${flags.test}; one thread, beside other work`,
    machine: machine(),
    sets: names.map((set) => {
      const own = runs.filter((run) => run.set === set);
      const differences = own.map(({ designed, handWritten }) => designed - handWritten);
      return {
        set,
        designed: summarizeRuns(own.map(({ designed }) => designed)),
        handWritten: summarizeRuns(own.map(({ handWritten }) => handWritten)),
        difference: { ...summarizeRuns(differences), interval: studentInterval(differences) ?? null },
      };
    }),
    runs,
  };
}

/** Of what was kept. */
function judgedOf({ kept, demonstrations, report }: DesignResult): number {
  return (kept === 'demonstrations' ? demonstrations!.test! : report!.test!).accuracy;
}
