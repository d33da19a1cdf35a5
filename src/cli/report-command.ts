import { settle } from '../options/settle.js';
import { checkReportFile, REPORT } from '../report/report-options.js';
import { type ReportOptions, writeReport } from '../report/write-report.js';
import { modelOptions, type SharedFlags } from './flags.js';
import { loadingProgress } from './loading-progress.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { createOutput, type Output } from './output.js';

export async function reportCommand(folder: string, flags: Flags & SharedFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const { out, model } = settle(REPORT, optionsFrom(REPORT, flags), 'FLAG_INVALID');
  checkReportFile(out);
  const options = modelOptions(flags);
  await writeReport(out, folder, { ...options, ...loadingProgress(options, output), model });
  output.say(`Wrote   ${out}`);
  output.result({ file: out });
}

/** Writes the report of what a command has just told. */
export async function reportTo(file: string, folder: string, options: ReportOptions, output: Output): Promise<void> {
  await writeReport(file, folder, options);
  output.event({ event: 'report', file });
  output.say(`Report  ${file}`);
}
