import type { GenerationReport } from '../evaluation/generation/generation-report.js';
import type { Given } from '../options/option.js';
import { type EvaluatedPrompt, evaluatePrompt } from '../tasks/evaluate-prompt.js';
import { decodingOf } from '../tasks/generate-options.js';
import type { GenerationVerdict } from '../tasks/generation-verdict.js';
import { judgeGenerationPrompt, openGeneration } from '../tasks/open-generation.js';
import { openPrompt } from '../tasks/open-prompt.js';
import { readPrompt } from '../tasks/prompt-folder/read-prompt.js';
import { EVALUATE } from '../tasks/use-options.js';
import { modelOptions, type SharedFlags } from './flags.js';
import { readJsonSchema } from './json-schema-flag.js';
import { loadingProgress } from './loading-progress.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { noteOtherModel } from './other-model-note.js';
import type { Output } from './output.js';
import { type TableFlags, tableOptions } from './table-flags.js';

/** What texts that were generated are worth, in figures and in words. */
export interface JudgedTexts extends GenerationReport {
  readonly verdict: GenerationVerdict;
}

export type EvaluateFlags = Flags & SharedFlags & TableFlags;

/** Measures a prompt of whichever task. */
export async function measurePrompt(
  folder: string,
  flags: EvaluateFlags,
  output: Output,
): Promise<EvaluatedPrompt | JudgedTexts> {
  const { task } = await readPrompt(folder);
  return (task === 'generation' ? evaluateTexts : evaluateLabels)(folder, optionsFrom(EVALUATE, flags), flags, output);
}

async function evaluateLabels(
  folder: string,
  { model, data, columns, labelColumn }: Given<typeof EVALUATE>,
  flags: EvaluateFlags,
  output: Output,
): Promise<EvaluatedPrompt> {
  const loading = { ...modelOptions(flags), model };
  const prompt = await openPrompt(folder, { ...loading, ...loadingProgress(loading, output) });
  noteOtherModel(prompt, output);
  return evaluatePrompt(prompt, {
    ...{ data, columns, labelColumn, table: tableOptions(flags) },
    onProgress: (done, all) => output.progress('scoring', done, all),
  });
}

async function evaluateTexts(
  folder: string,
  options: Given<typeof EVALUATE>,
  flags: EvaluateFlags,
  output: Output,
): Promise<JudgedTexts> {
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
    return { ...report, verdict };
  } finally {
    await open.close();
  }
}
