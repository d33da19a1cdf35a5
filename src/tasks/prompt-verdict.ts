import { accuracy } from '../evaluation/accuracy.js';
import { pairedBootstrap } from '../evaluation/bootstrap.js';
import type { LabelScores } from '../evaluation/label-scores.js';
import { hasRareLabel } from '../evaluation/label-weights.js';
import { macroF1 } from '../evaluation/macro-f1.js';
import { judgeLabels } from '../evaluation/predicted-labels.js';
import type { Interval } from '../evaluation/resampling.js';
import { type NextStep, type Verdict, verdictKind } from '../evaluation/verdict.js';

/** Which rows judged; in cross-validation each was left out in turn. */
export type JudgingRows = 'test' | 'validation' | 'cross-validation';

/** What a learned prompt labels right, beside what costs less. */
export interface PromptVerdict extends Verdict {
  readonly split: JudgingRows;
  readonly texts: number;
  readonly right: number;
  /** By what it was judged: macro F1 where a label is rare. */
  readonly measure: 'accuracy' | 'macroF1';
  readonly score: number;
  readonly against: readonly ComparedLabels[];
}

export interface ComparedLabels {
  readonly name: string;
  readonly right: number;
  /** By the verdict's measure. */
  readonly score: number;
  /** The prompt's score less this one's, with its 95 % interval. */
  readonly difference: number;
  readonly interval: Interval;
}

/** With fewer rows no difference that matters can be told. */
const FEW_TEXTS = 100;

export interface VerdictOptions {
  readonly split: JudgingRows;
  readonly seed: number;
  /** What is judged, in words. */
  readonly learned?: string | undefined;
  /** What the folder answers with, where it is not the prompt. */
  readonly kept?: string | undefined;
  /** Whether a run can keep what is simpler in the prompt's place (`--method auto`). Default: true. */
  readonly keepsSimpler?: boolean | undefined;
}

/** @param others scores of the same texts, by name @param targets [N] */
export function promptVerdict(
  scores: LabelScores,
  others: readonly { readonly name: string; readonly scores: LabelScores }[],
  targets: Int32Array,
  { split, seed, learned = 'the prompt', kept, keepsSimpler = true }: VerdictOptions,
): PromptVerdict {
  const { classes } = scores;
  const uneven = hasRareLabel(targets, classes);
  const measure = uneven ? 'macroF1' : 'accuracy';
  const metric = uneven ? (some: Int32Array, all: Int32Array) => macroF1(some, all, classes) : accuracy;
  const own = judgeLabels(scores, targets);
  const count = (labels: Int32Array) => labels.reduce((sum, label, i) => sum + (label === targets[i] ? 1 : 0), 0);
  const against = others.map((other): ComparedLabels => {
    const labels = judgeLabels(other.scores, targets);
    const { difference, interval } = pairedBootstrap(metric, own, labels, targets, { seed });
    return { name: other.name, right: count(labels), score: metric(labels, targets), difference, interval };
  });
  const right = count(own);
  const score = metric(own, targets);
  const best = against.reduce<ComparedLabels | undefined>((a, b) => (a && a.score >= b.score ? a : b), undefined);
  const kind = best === undefined ? 'no-difference' : verdictKind(best.interval);
  const next = nextStep(kind, targets.length, split);
  const { length } = targets;
  const text = [
    split === 'cross-validation'
      ? `Of ${length} texts, each left out once, ${learned} labels ${right} right${beside(against)}.`
      : `Of ${length} ${split} texts, ${learned} labels ${right} right${beside(against)}.`,
    ...(uneven ? [`A label is rare, so macro F1 decides: ${shares(learned, score, against)}.`] : []),
    meaning(kind, best),
    ...(kept === undefined ? [] : [`The ${kept} is kept in its place.`]),
    (keepsSimpler ? undefined : WITHOUT_AUTO[next]) ?? ADVICE[next],
  ];
  const said = kept !== undefined && next === 'use-baseline' ? text.slice(0, -1) : text;
  return { kind, text: said.join(' '), next, split, texts: targets.length, right, measure, score, against };
}

const WORDS = {
  better: 'measurably more',
  'no-difference': 'no measurable difference',
  worse: 'measurably less',
} as const;

function beside(against: readonly ComparedLabels[]): string {
  if (against.length === 0) return '';
  return ` (${against.map(({ name, right, interval }) => `${figureOf(name, right)}: ${WORDS[verdictKind(interval)]}`).join('; ')})`;
}

const shares = (learned: string, score: number, against: readonly ComparedLabels[]): string =>
  [{ name: learned, score }, ...against].map(({ name, score }) => figureOf(name, score.toFixed(2))).join(', ');

/** A message of its own where the name is a word that other languages have another for. */
const figureOf = (name: string, figure: number | string): string =>
  name === 'head' ? `head ${figure}` : `${name} ${figure}`;

function meaning(kind: PromptVerdict['kind'], best: ComparedLabels | undefined): string {
  if (best === undefined) return 'Nothing was measured beside it.';
  switch (kind) {
    case 'better':
      return `It is worth using: better than ${best.name}, the best of what costs less.`;
    case 'no-difference':
      return `It is not measurably better than ${best.name}, which costs less.`;
    case 'worse':
      return `It is not worth using: ${best.name}, which costs less, labels more right.`;
  }
}

const ADVICE: Readonly<Record<NextStep, string>> = {
  use: 'Next: use it.',
  'use-baseline': 'Next: keep that one (--method auto does), or take a larger model or another template.',
  'more-data': 'Next: more labelled texts; with so few only large differences can be told.',
  'another-model': 'Next: a larger model (--model), another template, or --method auto, which keeps what is simpler.',
  'another-template': 'Next: another template.',
  'read-texts': '',
  'test-data': 'Next: a test file (--test): these rows have chosen the prompt and flatter it.',
};

/** The same where no run keeps what is simpler. */
const WITHOUT_AUTO: Partial<Readonly<Record<NextStep, string>>> = {
  'use-baseline': 'Next: that one, or a larger model or another template.',
  'another-model': 'Next: a larger model (--model), another template, or what is simpler.',
};

/** The rules of docs/verdicts.md. */
export function nextStep(kind: PromptVerdict['kind'], texts: number, split: JudgingRows): NextStep {
  if (kind === 'worse') return 'use-baseline';
  if (split === 'validation') return 'test-data';
  if (kind === 'better') return 'use';
  return texts < FEW_TEXTS ? 'more-data' : 'another-model';
}
