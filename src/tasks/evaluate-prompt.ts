import { loadExamples } from '../data/load-examples.js';
import type { TableOptions } from '../data/read-table.js';
import type { RowSource } from '../data/row-source.js';
import { openBagOfWords } from '../evaluation/bag-of-words.js';
import { type ClassificationReport, evaluateClassification } from '../evaluation/classification-report.js';
import { countLabels } from '../evaluation/label-weights.js';
import { largest } from '../extremes.js';
import type { AlternativeName } from './alternative-name.js';
import { inputFields } from './made-rows/text-rows.js';
import { type OpenPrompt, scoreWithPrompt } from './open-prompt.js';
import { type PromptVerdict, promptVerdict } from './prompt-verdict.js';
import { targetsOf } from './task.js';
import { encodeExamples } from './task-sequences.js';
import { templateFields } from './template-fields.js';
import { textOf } from './text-task.js';

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

export interface EvaluatedPrompt extends ClassificationReport {
  /** What answers: the prompt, or what `tune --method auto` kept in its place. */
  readonly kept: AlternativeName | 'prompt';
  /** In words, beside what costs less. */
  readonly verdict: PromptVerdict;
}

const TOLD = { prompt: 'the prompt', head: 'the head', 'bag of words': 'the bag of words' } as const;

/** All classification metrics of a saved prompt on labelled rows. */
export async function evaluatePrompt(prompt: OpenPrompt, options: EvaluateOptions): Promise<EvaluatedPrompt> {
  const { compiled, labelKeys } = prompt.task;
  const slots = templateFields(compiled.template);
  const examples = await loadExamples(options.data, {
    fields: inputFields(compiled.template),
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
  const targets = targetsOf(sequences);
  const { seed = 0 } = options;
  const { bagOfWords, wordsBaseline } = prompt.saved;
  const others = [
    ...(wordsBaseline
      ? [
          {
            name: 'bag of words',
            scores: openBagOfWords(wordsBaseline).score(examples.map((example) => textOf(example, slots))),
          },
        ]
      : []),
    alwaysMost(targets, labelKeys),
  ];
  const kept = bagOfWords ? 'bag of words' : prompt.saved.learned.method === 'head' ? 'head' : 'prompt';
  const told = { split: 'test', seed, learned: TOLD[kept], keepsSimpler: prompt.saved.rows === undefined } as const;
  const verdict = promptVerdict(scores, others, targets, told);
  return { kept, ...evaluateClassification({ scores, targets, labels: labelKeys, seed }), verdict };
}

/** The label that most rows have, always. */
function alwaysMost(targets: Int32Array, keys: readonly string[]) {
  const counts = countLabels(targets, keys.length);
  const most = counts.indexOf(largest(counts));
  const values = Float32Array.from({ length: targets.length * keys.length }, (_, i) =>
    Number(i % keys.length === most),
  );
  return { name: `always '${keys[most]}'`, scores: { values, classes: keys.length } };
}
