import { Random } from '../../random.js';
import { textGenerator } from '../../tasks/generate-texts.js';
import type { GenerationTask } from '../../tasks/generation-task.js';
import { encodeExamples } from '../../tasks/task-sequences.js';
import { scoringHooks, type TuneHooks } from '../../tasks/tune-events.js';
import type { Explanation } from './explanation-data.js';
import type { ExplanationPlan } from './explanation-options.js';
import { type ExplanationReport, explanationReport } from './explanation-report.js';
import { examplesOf } from './explanation-task.js';
import type { PersonalSources } from './personal-rows.js';

export type ExplanationMeasuring = Pick<ExplanationPlan, 'seed' | 'measureTexts' | 'maxNewTokens' | 'threads'>;

/** An explanation is one line. */
export const ONE_LINE: readonly string[] = ['\n'];

/** A sample of rows that texts are generated for comes first, so that all tasks explain the same. */
export function sampledFirst(rows: readonly Explanation[], most: number, seed: number): readonly Explanation[] {
  if (rows.length <= most) return rows;
  const chosen = new Random(seed).sample(rows.length, most).sort((a, b) => a - b);
  const first = new Set(chosen);
  return [...chosen.map((i) => rows[i]!), ...rows.filter((_, i) => !first.has(i))];
}

/**
 * Perplexity over all rows; texts, generated without chance, for the first `measureTexts`.
 * @param learned the numbers of what was learned, flat
 */
export async function measureExplanations(
  task: GenerationTask,
  learned: Float32Array,
  rows: readonly Explanation[],
  sources: PersonalSources,
  { seed, measureTexts, maxNewTokens, threads }: ExplanationMeasuring,
  what: string,
  hooks: TuneHooks,
): Promise<{ readonly report: ExplanationReport; readonly texts: readonly string[] }> {
  const examples = examplesOf(rows, sources);
  const sequences = await encodeExamples(task, examples, hooks.signal);
  const likelihoods = await task.likelihoods(learned, sequences, scoringHooks(what, hooks));
  const generator = textGenerator(task, learned, { threads });
  try {
    const answers = await generator.generate(
      examples.slice(0, measureTexts).map(({ fields }) => fields),
      { maxNewTokens, stop: ONE_LINE },
      scoringHooks(`${what}: generating`, hooks),
    );
    const texts = answers.map(({ text }) => text.trim());
    return { report: explanationReport({ rows, texts, likelihoods, seed }), texts };
  } finally {
    await generator.release();
  }
}
