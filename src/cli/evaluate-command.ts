import { generationRow } from '../evaluation/generation/generation-report.js';
import { formatConfusion, formatScores, reportRow } from '../evaluation/score-table.js';
import type { Given } from '../options/option.js';
import { holdsExplanations } from '../recommend/explanations/explanation-folder.js';
import { checkReportFile } from '../report/report-options.js';
import { evaluatePrompt } from '../tasks/evaluate-prompt.js';
import { decodingOf } from '../tasks/generate-options.js';
import { judgeGenerationPrompt, openGeneration } from '../tasks/open-generation.js';
import { openPrompt } from '../tasks/open-prompt.js';
import { readPrompt } from '../tasks/prompt-folder/read-prompt.js';
import { EVALUATE } from '../tasks/use-options.js';
import { modelOptions, type SharedFlags } from './flags.js';
import { readJsonSchema } from './json-schema-flag.js';
import { loadingProgress } from './loading-progress.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { createOutput, type Output } from './output.js';
import { noteOtherModel } from './predict-command.js';
import { type TableFlags, tableOptions } from './table-flags.js';

type EvaluateFlags = Flags & SharedFlags & TableFlags;

export async function evaluateCommand(folder: string, flags: EvaluateFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  if (flags.report !== undefined) checkReportFile(flags.report);
  const options = optionsFrom(EVALUATE, flags);
  if (holdsExplanations(folder)) {
    await (await import('./explain-command.js')).evaluateExplanationsCommand(folder, flags);
    return;
  }
  const { task } = await readPrompt(folder);
  await (task === 'generation' ? evaluateTexts : evaluateLabels)(folder, options, flags, output);
}

async function evaluateLabels(
  folder: string,
  { model, data, columns, labelColumn }: Given<typeof EVALUATE>,
  flags: EvaluateFlags,
  output: Output,
): Promise<void> {
  const loading = { ...modelOptions(flags), model };
  const prompt = await openPrompt(folder, { ...loading, ...loadingProgress(loading, output) });
  noteOtherModel(prompt, output);
  const report = await evaluatePrompt(prompt, {
    ...{ data, columns, labelColumn, table: tableOptions(flags) },
    onProgress: (done, all) => output.progress('scoring', done, all),
  });
  const scores = [reportRow('learned prompt', report)];
  await reportEvaluation(folder, { verdict: report.verdict, scores, test: report }, flags, output);
  output.result({ ...report });
  output.verdict(report.verdict);
  output.say('');
  output.say(formatScores(scores, output.width));
  output.say(`\n${formatConfusion(report, output.width)}`);
}

async function evaluateTexts(
  folder: string,
  options: Given<typeof EVALUATE>,
  flags: EvaluateFlags,
  output: Output,
): Promise<void> {
  const { model, data, columns, labelColumn, targetColumn, measureTexts, precision, seed } = options;
  const loading = { ...modelOptions(flags), model };
  const open = await openGeneration(folder, { ...loading, precision, ...loadingProgress(loading, output) });
  try {
    noteOtherModel(open, output);
    const { seed: _, ...asked } = decodingOf(options);
    const decoding = { ...asked, ...(await readJsonSchema(options.jsonSchemaFile)) };
    const { report, verdict } = await judgeGenerationPrompt(open, {
      ...{ data, columns, decoding, seed, mostTexts: measureTexts },
      table: tableOptions(flags),
      labelColumn: targetColumn ?? labelColumn,
      onProgress: (done, all) => output.progress('generating', done, all),
    });
    const scores = [generationRow('learned prompt', report)];
    await reportEvaluation(folder, { verdict, scores, test: report }, flags, output);
    output.result({ ...report, verdict });
    output.verdict(verdict);
    output.say('');
    output.say(formatScores(scores, output.width));
    output.say(`\n${report.examples} texts generated, counted by ${report.unit}; ${report.signatures.bleu}`);
  } finally {
    await open.close();
  }
}

/** Writes what was measured as a page, where that is asked for. */
async function reportEvaluation(folder: string, result: object, flags: EvaluateFlags, output: Output): Promise<void> {
  if (flags.report === undefined) return;
  const { model } = optionsFrom(EVALUATE, flags);
  const options = { ...modelOptions(flags), model, result };
  await (await import('./report-command.js')).reportTo(flags.report, folder, options, output);
}
