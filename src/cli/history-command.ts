import { SoftpromptError } from '../errors.js';
import { type HistoryRow, readHistory } from '../jobs/ended-job.js';
import type { SharedFlags } from './flags.js';
import { createOutput } from './output.js';
import { sparkline } from './sparkline.js';

/** Figures that are shown of a run, where its lines have them. */
const FIGURES = [
  ['trainLoss', 'training loss'],
  ['loss', 'validation loss'],
  ['accuracy', 'right in validation'],
  ['validation', 'NDCG@10 in validation'],
] as const;

export async function historyCommand(folder: string, flags: SharedFlags & { readonly all?: boolean }): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const history = await readHistory(folder);
  if (history.length === 0) {
    throw new SoftpromptError('RUN_NOT_FOUND', {
      found: `${folder} has no history.jsonl with a line that can be read`,
      expected: 'the folder of something that was learned here',
      fix: 'Check the path; what was adopted from elsewhere has no history.',
    });
  }
  for (const run of new Set(history.map(runOf))) {
    const lines = history.filter((line) => runOf(line) === run);
    output.say(`${run}: ${lines.length} validations`);
    for (const [key, name] of FIGURES) {
      const values = lines.flatMap((line) => (typeof line[key] === 'number' ? [line[key]] : []));
      if (values.length === 0) continue;
      output.say(`  ${name.padEnd(22)} ${sparkline(values)}  ${values[0]!.toFixed(4)} → ${values.at(-1)!.toFixed(4)}`);
    }
    const best = lines.findLast((line) => line.best === true);
    if (best !== undefined) output.say(`  best after ${best.step ?? best.epoch}`);
    if (flags.all) for (const line of lines) output.say(`  ${JSON.stringify(line)}`);
  }
  output.result({ history });
}

const runOf = ({ seed, network }: HistoryRow): string => (network === undefined ? `seed ${seed ?? 0}` : `${network}`);
