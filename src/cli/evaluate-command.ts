import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generationRow } from '../evaluation/generation/generation-report.js';
import { formatConfusion, formatScores, reportRow } from '../evaluation/score-table.js';
import type { Elsewhere } from '../jobs/parts.js';
import { holdsExplanations } from '../recommend/explanations/explanation-folder.js';
import { holdsProfile } from '../recommend/profile-file.js';
import { checkReportFile } from '../report/report-options.js';
import type { EvaluatedPrompt } from '../tasks/evaluate-prompt.js';
import { readPrompt } from '../tasks/prompt-folder/read-prompt.js';
import { EVALUATE } from '../tasks/use-options.js';
import { modelOptions } from './flags.js';
import { withEncoding } from './inferred-flags.js';
import { abortOnInterrupt } from './interrupt.js';
import { type EvaluateFlags, type JudgedTexts, measurePrompt } from './measure-prompt.js';
import { optionsFrom } from './option-flags.js';
import { createOutput, type Output } from './output.js';
import { elsewhereOf } from './queue-flags.js';
import { evaluateElsewhere, withModel, withoutPlace } from './queued-batches.js';

export async function evaluateCommand(folder: string, given: EvaluateFlags): Promise<void> {
  const output = createOutput(given.json ?? false);
  const flags = await withEncoding(given, [given.data], output);
  if (flags.report !== undefined) checkReportFile(flags.report);
  optionsFrom(EVALUATE, flags); // rather refused now
  if (holdsExplanations(folder)) {
    await (await import('./explain-command.js')).evaluateExplanationsCommand(folder, flags);
    return;
  }
  const { task } = await readPrompt(folder);
  const { elsewhere } = await elsewhereOf(flags, output);
  const measured = elsewhere
    ? await onQueue(folder, flags, elsewhere, output)
    : await measurePrompt(folder, flags, output);
  await (task === 'generation' ? tellTexts : tellLabels)(folder, measured as never, flags, output);
}

/** The same by a worker. */
async function onQueue(folder: string, flags: EvaluateFlags, elsewhere: Elsewhere, output: Output) {
  const signal = abortOnInterrupt(() => output.say('Ending …'));
  const asked = withoutPlace(await withModel(folder, flags));
  const scratch = await mkdtemp(join(tmpdir(), 'softprompt-'));
  try {
    return await evaluateElsewhere<EvaluatedPrompt | JudgedTexts>(elsewhere, folder, asked, scratch, signal);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function tellLabels(
  folder: string,
  report: EvaluatedPrompt,
  flags: EvaluateFlags,
  output: Output,
): Promise<void> {
  const name = report.kept === 'prompt' ? 'learned prompt' : report.kept;
  const scores = [reportRow(name, report, holdsProfile(folder))];
  await reportEvaluation(folder, { verdict: report.verdict, scores, test: report }, flags, output);
  output.result({ ...report });
  output.verdict(report.verdict);
  output.say('');
  output.say(formatScores(scores, output.width));
  output.say(`\n${formatConfusion(report, output.width)}`);
}

async function tellTexts(folder: string, report: JudgedTexts, flags: EvaluateFlags, output: Output): Promise<void> {
  const { verdict, ...figures } = report;
  const scores = [generationRow('learned prompt', report)];
  await reportEvaluation(folder, { verdict, scores, test: figures }, flags, output);
  output.result({ ...report });
  output.verdict(verdict);
  output.say('');
  output.say(formatScores(scores, output.width));
  output.say(`\n${report.examples} texts generated, counted by ${report.unit}; ${report.signatures.bleu}`);
}

/** Writes what was measured as a page, where that is asked for. */
async function reportEvaluation(folder: string, result: object, flags: EvaluateFlags, output: Output): Promise<void> {
  if (flags.report === undefined) return;
  const { model } = optionsFrom(EVALUATE, flags);
  const options = { ...modelOptions(flags), model, result };
  await (await import('./report-command.js')).reportTo(flags.report, folder, options, output);
}
