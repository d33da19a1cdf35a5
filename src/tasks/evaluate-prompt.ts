import { loadExamples } from '../data/load-examples.js';
import type { TableOptions } from '../data/read-table.js';
import type { RowSource } from '../data/row-source.js';
import { type ClassificationReport, evaluateClassification } from '../evaluation/classification-report.js';
import { type OpenPrompt, scoreWithPrompt } from './open-prompt.js';
import { targetsOf } from './task.js';
import { encodeExamples } from './task-sequences.js';
import { templateFields } from './text-task.js';

export interface EvaluateOptions {
  readonly data: RowSource;
  readonly columns?: Readonly<Record<string, string>> | undefined;
  readonly labelColumn?: string | undefined;
  readonly table?: TableOptions | undefined;
  /** Of the bootstrap intervals. */
  readonly seed?: number | undefined;
  readonly onProgress?: (done: number, all: number) => void;
  readonly signal?: AbortSignal;
}

/** All classification metrics of a saved prompt on labelled rows. */
export async function evaluatePrompt(prompt: OpenPrompt, options: EvaluateOptions): Promise<ClassificationReport> {
  const { compiled, labelKeys } = prompt.task;
  const examples = await loadExamples(options.data, {
    fields: templateFields(compiled.template),
    columns: options.columns,
    labelColumn: options.labelColumn,
    labels: labelKeys,
    requireLabels: true,
    earlier: prompt.saved.columns,
    ...options.table,
    signal: options.signal,
  });
  const sequences = await encodeExamples(compiled, examples, options.signal);
  const scores = await scoreWithPrompt(prompt, sequences, {
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  return evaluateClassification({ scores, targets: targetsOf(sequences), labels: labelKeys, seed: options.seed ?? 0 });
}
