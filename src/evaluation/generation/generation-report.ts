import {
  type BootstrapOptions,
  type Interval,
  type PairedDifference,
  percentileInterval,
  resample,
  summarizeDifferences,
} from '../resampling.js';
import type { ScoreRow } from '../score-table.js';
import { exactMatch, tokenF1 } from './answer-match.js';
import { bleuCounts, bleuSignature, corpusBleu } from './bleu.js';
import type { BleuTokenizer } from './bleu-tokens.js';
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
  /** Of the right answers. */
  readonly perplexity: number;
  readonly distinct1: number;
  readonly distinct2: number;
}

export type GenerationMetric = keyof GenerationMetrics;

/** Metrics are undefined where no text was generated; the perplexity where no model said what it gives the right answers. */
export interface GenerationReport extends Partial<GenerationMetrics> {
  /** Texts that were generated. */
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
  /** What a model gives right answers, these or more of them. */
  readonly likelihoods?: readonly AnswerLikelihood[] | undefined;
  /** Default: by what the references are written in. */
  readonly unit?: TokenUnit | undefined;
  readonly seed: number;
  readonly resamples?: number;
}

/** A metric that can be resampled: of how many things it is made, and its figure on chosen ones. */
interface Measure {
  readonly count: number;
  of(chosen: Iterable<number>): number;
}

type Measures = Readonly<Partial<Record<GenerationMetric, Measure>>>;

function measuresOf({ predictions, references, likelihoods, ...input }: GenerationInput) {
  const unit = input.unit ?? tokenUnitOf(references.flat());
  const tokenizer: BleuTokenizer = unit === 'characters' ? 'zh' : '13a';
  const measures: Measures = {
    ...(predictions.length > 0 && textMeasures(predictions, references, unit, tokenizer)),
    ...(likelihoods && likelihoods.length > 0 && { perplexity: perplexityMeasure(likelihoods) }),
  };
  return { unit, tokenizer, measures };
}

/** What one set of texts has more of a metric than another one on the same examples; paired bootstrap over these. */
export function compareGenerations(
  candidate: GenerationInput,
  reference: GenerationInput,
  metric: Exclude<GenerationMetric, 'distinct1' | 'distinct2'>,
): PairedDifference {
  const [a, b] = [measuresOf(candidate).measures[metric], measuresOf(reference).measures[metric]];
  if (a === undefined || a.count !== b?.count) throw new RangeError(`no ${metric} of the same examples`);
  const difference = (chosen: Iterable<number>) => {
    const ids = [...chosen];
    return a.of(ids) - b.of(ids);
  };
  return summarizeDifferences(difference(Array(a.count).keys()), resample(a.count, candidate, difference));
}

/** All metrics of generated texts with their intervals. */
export function evaluateGeneration({ seed, resamples, ...input }: GenerationInput): GenerationReport {
  const { predictions, references } = input;
  const { unit, tokenizer, measures } = measuresOf({ ...input, seed });
  const options: BootstrapOptions = { seed, ...(resamples !== undefined && { resamples }) };
  const entries = Object.entries(measures);
  const counts = new Set(references.map(({ length }) => length));
  const count = counts.size === 1 ? [...counts][0]! : 'var';
  return {
    ...{ examples: predictions.length, unit },
    signatures: { bleu: bleuSignature(tokenizer, count), chrf: chrfSignature(count) },
    ...Object.fromEntries(entries.map(([name, { count, of }]) => [name, of(Array(count).keys())])),
    ...(predictions.length > 0 && {
      distinct1: distinct(predictions, 1, unit),
      distinct2: distinct(predictions, 2, unit),
    }),
    intervals: Object.fromEntries(
      entries.map(([name, { count, of }]) => [name, percentileInterval(resample(count, options, of))]),
    ),
  };
}

/** Each example is counted once, so that resamples only add up. */
function textMeasures(
  predictions: readonly string[],
  references: readonly (readonly string[])[],
  unit: TokenUnit,
  tokenizer: BleuTokenizer,
): Measures {
  const count = predictions.length;
  const each = <T>(score: (prediction: string, references: readonly string[]) => T) =>
    predictions.map((prediction, i) => score(prediction, references[i]!));
  const mean = (scores: readonly number[]): Measure => ({
    count,
    of: (chosen) => {
      let [sum, drawn] = [0, 0];
      for (const i of chosen) {
        sum += scores[i]!;
        drawn++;
      }
      return sum / drawn;
    },
  });
  const overlaps = each((prediction, right) => rouge(prediction, right, unit));
  const bleu = each((prediction, right) => bleuCounts(prediction, right, tokenizer));
  const chrf = each(chrfCounts);
  return {
    exactMatch: mean(each((prediction, right) => exactMatch(prediction, right, unit))),
    f1: mean(each((prediction, right) => tokenF1(prediction, right, unit))),
    rouge1: mean(overlaps.map(({ rouge1 }) => rouge1)),
    rouge2: mean(overlaps.map(({ rouge2 }) => rouge2)),
    rougeL: mean(overlaps.map(({ rougeL }) => rougeL)),
    bleu: { count, of: (chosen) => corpusBleu(bleu, chosen) },
    chrf: { count, of: (chosen) => corpusChrf(chrf, chosen) },
  };
}

const perplexityMeasure = (likelihoods: readonly AnswerLikelihood[]): Measure => ({
  count: likelihoods.length,
  of: (chosen) => perplexity(likelihoods, chosen),
});

/** The headline figures of a report as a line of a table. */
export function generationRow(name: string, report: GenerationReport): ScoreRow {
  const { exactMatch, f1, rouge1, rouge2, rougeL, bleu, chrf, perplexity, distinct2, intervals } = report;
  const scores = { exactMatch, f1, rouge1, rouge2, rougeL, bleu, chrf, perplexity, distinct2 };
  const known = Object.entries(scores).filter(([, score]) => score !== undefined) as [string, number][];
  return { name, scores: Object.fromEntries(known), intervals };
}
