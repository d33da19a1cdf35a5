import { type BootstrapOptions, type Interval, percentileInterval, resample } from '../resampling.js';
import type { ScoreRow } from '../score-table.js';
import { exactMatch, tokenF1 } from './answer-match.js';
import { bleuCounts, bleuSignature, corpusBleu } from './bleu.js';
import { chrfCounts, chrfSignature, corpusChrf } from './chrf.js';
import { distinct } from './distinct.js';
import { type AnswerLikelihood, perplexity } from './perplexity.js';
import { rouge } from './rouge.js';
import { type TokenUnit, tokenUnitOf } from './text-tokens.js';

/** What generated texts are measured by; see docs/conventions.md for the formulas. */
export interface GenerationMetrics {
  readonly exactMatch: number;
  readonly f1: number;
  readonly rouge1: number;
  readonly rouge2: number;
  readonly rougeL: number;
  /** 0 to 100, as chrf. */
  readonly bleu: number;
  readonly chrf: number;
  /** Of the right answers; undefined where no model said what it gives them. */
  readonly perplexity?: number;
  readonly distinct1: number;
  readonly distinct2: number;
}

export type GenerationMetric = keyof GenerationMetrics;

export interface GenerationReport extends GenerationMetrics {
  readonly examples: number;
  /** What was counted: words, or characters where the right answers are Chinese. */
  readonly unit: TokenUnit;
  readonly signatures: { readonly bleu: string; readonly chrf: string };
  /** Bootstrap over examples; those of distinct n-grams are left out: a resample repeats what it draws twice. */
  readonly intervals: Readonly<Partial<Record<GenerationMetric, Interval>>>;
}

export interface GenerationInput {
  readonly predictions: readonly string[];
  /** One or several right answers each. */
  readonly references: readonly (readonly string[])[];
  readonly likelihoods?: readonly AnswerLikelihood[] | undefined;
  /** Default: by what the references are written in. */
  readonly unit?: TokenUnit | undefined;
  readonly seed: number;
  readonly resamples?: number;
}

/** Metrics of generated texts, of any subset of their examples. */
export interface GenerationScores {
  readonly examples: number;
  readonly unit: TokenUnit;
  readonly signatures: GenerationReport['signatures'];
  /** Metrics that can be resampled → their figure on the chosen examples. */
  readonly measures: Readonly<Partial<Record<GenerationMetric, (chosen: Iterable<number>) => number>>>;
  readonly distinct: Pick<GenerationMetrics, 'distinct1' | 'distinct2'>;
}

/** Counts each example once, so that resamples only add up. */
export function generationScores(input: Omit<GenerationInput, 'seed' | 'resamples'>): GenerationScores {
  const { predictions, references, likelihoods } = input;
  const unit = input.unit ?? tokenUnitOf(references.flat());
  const tokenizer = unit === 'characters' ? 'zh' : '13a';
  const each = (score: (prediction: string, references: readonly string[]) => number) => {
    const scores = Float64Array.from(predictions, (prediction, i) => score(prediction, references[i]!));
    return (chosen: Iterable<number>) => mean(scores, chosen);
  };
  const overlaps = predictions.map((prediction, i) => rouge(prediction, references[i]!, unit));
  const bleu = predictions.map((prediction, i) => bleuCounts(prediction, references[i]!, tokenizer));
  const chrf = predictions.map((prediction, i) => chrfCounts(prediction, references[i]!));
  const counts = new Set(references.map(({ length }) => length));
  const count = counts.size === 1 ? [...counts][0]! : 'var';
  return {
    examples: predictions.length,
    unit,
    signatures: { bleu: bleuSignature(tokenizer, count), chrf: chrfSignature(count) },
    measures: {
      exactMatch: each((prediction, right) => exactMatch(prediction, right, unit)),
      f1: each((prediction, right) => tokenF1(prediction, right, unit)),
      rouge1: (chosen) =>
        mean(
          overlaps.map(({ rouge1 }) => rouge1),
          chosen,
        ),
      rouge2: (chosen) =>
        mean(
          overlaps.map(({ rouge2 }) => rouge2),
          chosen,
        ),
      rougeL: (chosen) =>
        mean(
          overlaps.map(({ rougeL }) => rougeL),
          chosen,
        ),
      bleu: (chosen) => corpusBleu(bleu, chosen),
      chrf: (chosen) => corpusChrf(chrf, chosen),
      ...(likelihoods && { perplexity: (chosen: Iterable<number>) => perplexity(likelihoods, chosen) }),
    },
    distinct: { distinct1: distinct(predictions, 1, unit), distinct2: distinct(predictions, 2, unit) },
  };
}

/** All metrics of generated texts with their intervals. */
export function evaluateGeneration({ seed, resamples, ...input }: GenerationInput): GenerationReport {
  const { examples, unit, signatures, measures, distinct } = generationScores(input);
  const all = [...input.predictions.keys()];
  const options: BootstrapOptions = { seed, ...(resamples !== undefined && { resamples }) };
  const entries = Object.entries(measures) as [GenerationMetric, (chosen: Iterable<number>) => number][];
  const figures = Object.fromEntries(entries.map(([name, measure]) => [name, measure(all)]));
  const intervals = Object.fromEntries(
    entries.map(([name, measure]) => [name, percentileInterval(resample(examples, options, measure))]),
  );
  return { examples, unit, signatures, ...(figures as unknown as GenerationMetrics), ...distinct, intervals };
}

/** The headline figures of a report as a line of a table. */
export function generationRow(name: string, report: GenerationReport): ScoreRow {
  const { examples: _, unit: __, signatures: ___, intervals, ...metrics } = report;
  return { name, scores: { ...metrics }, intervals };
}

function mean(values: Float64Array | readonly number[], chosen: Iterable<number>): number {
  let [sum, count] = [0, 0];
  for (const i of chosen) {
    sum += values[i]!;
    count++;
  }
  return sum / count;
}
