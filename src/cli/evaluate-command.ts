import { formatConfusion, formatScores, reportRow } from '../evaluation/score-table.js';
import { evaluatePrompt } from '../tasks/evaluate-prompt.js';
import { openPrompt } from '../tasks/open-prompt.js';
import { modelOptions, required, type SharedFlags } from './flags.js';
import { loadingProgress } from './loading-progress.js';
import { createOutput } from './output.js';
import { noteOtherModel } from './predict-command.js';
import { type ExampleFlags, exampleOptions } from './table-flags.js';

export async function evaluateCommand(
  folder: string,
  flags: SharedFlags & ExampleFlags & { readonly data?: string; readonly model?: string },
): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const data = required(flags.data, '--data', 'a file of labelled examples');
  const options = { ...modelOptions(flags), model: flags.model };
  const prompt = await openPrompt(folder, { ...options, ...loadingProgress(options, output) });
  noteOtherModel(prompt, output);
  const report = await evaluatePrompt(prompt, {
    data,
    ...exampleOptions(flags),
    onProgress: (done, all) => output.progress('scoring', done, all),
  });
  output.result({ ...report });
  output.say(formatScores([reportRow('learned prompt', report)], output.width));
  output.say(`\n${formatConfusion(report, output.width)}`);
}
