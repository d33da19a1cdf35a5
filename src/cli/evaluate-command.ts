import { generationRow } from '../evaluation/generation/generation-report.js';
import { formatConfusion, formatScores, reportRow } from '../evaluation/score-table.js';
import { evaluatePrompt } from '../tasks/evaluate-prompt.js';
import { DECODING, GENERATING } from '../tasks/generate-options.js';
import { evaluateGenerationPrompt, openGeneration } from '../tasks/open-generation.js';
import { openPrompt } from '../tasks/open-prompt.js';
import { readPrompt } from '../tasks/prompt-folder/read-prompt.js';
import { modelOptions, required, type SharedFlags } from './flags.js';
import { readJsonSchema } from './json-schema-flag.js';
import { loadingProgress } from './loading-progress.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { createOutput, type Output } from './output.js';
import { noteOtherModel } from './predict-command.js';
import { type ExampleFlags, exampleOptions } from './table-flags.js';

interface EvaluateFlags extends SharedFlags, ExampleFlags {
  readonly data?: string;
  readonly model?: string;
  readonly targetColumn?: string;
  readonly measureTexts?: number;
  readonly jsonSchema?: string;
}

export async function evaluateCommand(folder: string, flags: EvaluateFlags & Flags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const data = required(flags.data, '--data', 'a file of labelled examples');
  const { task } = await readPrompt(folder);
  await (task === 'generation' ? evaluateTexts : evaluateLabels)(folder, data, flags, output);
}

async function evaluateLabels(folder: string, data: string, flags: EvaluateFlags, output: Output): Promise<void> {
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

async function evaluateTexts(
  folder: string,
  data: string,
  flags: EvaluateFlags & Flags,
  output: Output,
): Promise<void> {
  const options = { ...modelOptions(flags), model: flags.model };
  const { precision } = optionsFrom(GENERATING, flags);
  const open = await openGeneration(folder, { ...options, precision, ...loadingProgress(options, output) });
  try {
    noteOtherModel(open, output);
    const { seed, ...asked } = optionsFrom(DECODING, flags);
    const decoding = { ...asked, ...(await readJsonSchema(flags.jsonSchema)) };
    const { columns, labelColumn, table } = exampleOptions(flags);
    const { report } = await evaluateGenerationPrompt(open, {
      ...{ data, columns, table, decoding, seed, mostTexts: flags.measureTexts },
      labelColumn: flags.targetColumn ?? labelColumn,
      onProgress: (done, all) => output.progress('generating', done, all),
    });
    output.result({ ...report });
    output.say(formatScores([generationRow('learned prompt', report)], output.width));
    output.say(`\n${report.examples} texts generated, counted by ${report.unit}; ${report.signatures.bleu}`);
  } finally {
    await open.close();
  }
}
