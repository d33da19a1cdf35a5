import type { Example } from '../data/example.js';
import type { DecodingOptions } from '../decoding/decoding-options.js';
import {
  evaluateGeneration,
  type GenerationInput,
  type GenerationReport,
} from '../evaluation/generation/generation-report.js';
import { Random } from '../random.js';
import { textGenerator } from './generate-texts.js';
import type { GenerationTask } from './generation-task.js';
import type { ScoringOptions } from './task.js';
import { encodeExamples } from './task-sequences.js';

export interface GenerationMeasuring extends ScoringOptions {
  /** Of the resamples, and of what is drawn. */
  readonly seed: number;
  readonly decoding: DecodingOptions;
  /** Most texts that are generated; a sample of the examples where there are more. */
  readonly mostTexts?: number | undefined;
  /** How answers are computed. */
  readonly settings?: Parameters<typeof textGenerator>[2];
}

export interface MeasuredGeneration {
  readonly report: GenerationReport;
  /** What the report was made of. */
  readonly input: GenerationInput;
  /** The examples that were measured, with what was generated for each; none where only the perplexity was asked for. */
  readonly answers: readonly { readonly example: Example; readonly text: string }[];
}

/**
 * What a prompt is worth on examples that all have a target: perplexity over all of them; what it generates, for at most
 * `mostTexts`. Several rows of the same fields are one example with several right answers.
 * @param learned the numbers of what was learned, flat
 */
export async function measureGeneration(
  task: GenerationTask,
  learned: Float32Array,
  examples: readonly Example[],
  { seed, decoding, mostTexts = Number.POSITIVE_INFINITY, settings, onProgress, signal }: GenerationMeasuring,
): Promise<MeasuredGeneration> {
  const sequences = await encodeExamples(task, examples, signal);
  const likelihoods = await task.likelihoods(learned, sequences, signal === undefined ? {} : { signal });
  const groups = sampled(answersByText(examples), mostTexts, seed);
  const generator = textGenerator(task, learned, settings);
  try {
    const answers = await generator.generate(
      groups.map(([first]) => first!.fields),
      { ...decoding, seed },
      { ...(onProgress && { onProgress }), signal },
    );
    const texts = answers.map(({ text }) => text.trim());
    const references = groups.map((group) => group.map(({ label }) => label!.trim()));
    const input = { predictions: texts, references, likelihoods, seed };
    return {
      report: evaluateGeneration(input),
      input,
      answers: groups.map(([example], i) => ({ example: example!, text: texts[i]! })),
    };
  } finally {
    await generator.release();
  }
}

/** Examples with the same fields together. */
function answersByText(examples: readonly Example[]): Example[][] {
  const groups = new Map<string, Example[]>();
  for (const example of examples) {
    const key = JSON.stringify(example.fields);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [example]);
    else group.push(example);
  }
  return [...groups.values()];
}

/** A sample in the order of the data. */
function sampled<T>(items: readonly T[], most: number, seed: number): readonly T[] {
  if (items.length <= most) return items;
  const chosen = new Random(seed).shuffle([...items.keys()]).slice(0, most);
  return chosen.sort((a, b) => a - b).map((i) => items[i]!);
}
