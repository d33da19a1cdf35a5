import { compareGenerations, type GenerationInput } from '../evaluation/generation/generation-report.js';
import type { Interval } from '../evaluation/resampling.js';
import { type NextStep, type Verdict, type VerdictKind, verdictKind } from '../evaluation/verdict.js';
import type { MeasuredGeneration } from './measure-generation.js';
import { type JudgingRows, nextStep } from './prompt-verdict.js';

/** How near a learned prompt's texts come to the right ones, beside those of the same template unlearned. */
export interface GenerationVerdict extends Verdict {
  readonly split: JudgingRows;
  /** Texts that were judged. */
  readonly texts: number;
  /** By what: the perplexity of the right answers where no text was generated. */
  readonly measure: 'rougeL' | 'perplexity';
  readonly score: number;
  readonly against: readonly {
    readonly name: string;
    readonly score: number;
    /** By how much the prompt is better, with its 95 % interval (paired bootstrap). */
    readonly difference: number;
    readonly interval: Interval;
  }[];
}

/** @param keepsWritten whether the folder answers with the written prompt */
export function generationVerdict(
  learned: MeasuredGeneration,
  written: MeasuredGeneration | undefined,
  split: JudgingRows,
  keepsWritten = false,
): GenerationVerdict {
  const measure = learned.answers.length > 0 ? 'rougeL' : 'perplexity';
  const score = learned.report[measure] ?? Number.NaN;
  const texts = measure === 'rougeL' ? learned.answers.length : (learned.input.likelihoods?.length ?? 0);
  const facts = { split, texts, measure, score } as const;
  if (written === undefined) {
    const text = `On ${texts} ${split} texts, the prompt has ${told(measure, score)}. Nothing was measured beside it.`;
    return { kind: 'no-difference', text, next: 'use', ...facts, against: [] };
  }
  const other = written.report[measure] ?? Number.NaN;
  const { difference, interval } = gainOf(learned.input, written.input, measure);
  const kind = verdictKind(interval);
  const next = nextStep(kind, texts, split);
  const text = [
    `On ${texts} ${split} texts, the prompt has ${told(measure, score)} (written prompt ${shown(other, measure)}: ${WORDS[kind]}).`,
    MEANING[kind],
    ...(keepsWritten ? ['The written prompt is kept in its place.'] : [ADVICE[next]]),
  ].join(' ');
  return { kind, text, next, ...facts, against: [{ name: 'written prompt', score: other, difference, interval }] };
}

/** By how much the first is better: more of ROUGE-L, less perplexity. */
function gainOf(learned: GenerationInput, written: GenerationInput, measure: GenerationVerdict['measure']) {
  return measure === 'rougeL'
    ? compareGenerations(learned, written, measure)
    : compareGenerations(written, learned, measure);
}

const shown = (score: number, measure: GenerationVerdict['measure']) => score.toFixed(measure === 'rougeL' ? 3 : 1);

const told = (measure: GenerationVerdict['measure'], score: number): string =>
  measure === 'rougeL' ? `ROUGE-L ${shown(score, measure)}` : `a perplexity of ${shown(score, measure)}`;

const WORDS: Readonly<Record<VerdictKind, string>> = {
  better: 'measurably better',
  'no-difference': 'no measurable difference',
  worse: 'measurably worse',
};

const MEANING: Readonly<Record<VerdictKind, string>> = {
  better: 'It is worth using: better than the written prompt, which costs nothing to learn.',
  'no-difference': 'It is not measurably better than the written prompt, which costs nothing to learn.',
  worse: 'It is not worth using: the written prompt, which costs nothing to learn, comes nearer to the right texts.',
};

const ADVICE: Readonly<Record<NextStep, string>> = {
  use: 'Next: use it.',
  'use-baseline':
    'Next: use the written prompt, or learn from more rows, longer (--max-steps) or on a larger model (--model).',
  'more-data': 'Next: more texts to judge by; with so few only large differences can be told.',
  'another-model': 'Next: a larger model (--model), more rows, or longer (--max-steps).',
  'another-template': 'Next: another template.',
  'read-texts': '',
  'test-data': 'Next: a test file (--test): these rows have chosen the prompt and flatter it.',
};

/** Standard errors from the middle to the end of a 95 % interval. */
const NORMAL_95 = 1.96;

/** Whether texts are nearer to the right ones than others, by more than one standard error of the difference in ROUGE-L. */
export function areNearer(texts: MeasuredGeneration, others: MeasuredGeneration): boolean {
  if (texts.answers.length === 0) return false;
  const { difference, interval } = compareGenerations(texts.input, others.input, 'rougeL');
  return difference > 0 && difference > (interval[1] - interval[0]) / (2 * NORMAL_95);
}
