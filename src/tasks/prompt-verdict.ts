import { accuracy } from '../evaluation/accuracy.js';
import { pairedBootstrap } from '../evaluation/bootstrap.js';
import type { LabelScores } from '../evaluation/label-scores.js';
import { judgeLabels } from '../evaluation/predicted-labels.js';
import type { Interval } from '../evaluation/resampling.js';
import { type NextStep, type Verdict, verdictKind } from '../evaluation/verdict.js';

/** What a learned prompt labels right, beside what costs less. */
export interface PromptVerdict extends Verdict {
  /** Which rows judged. */
  readonly split: 'test' | 'validation';
  readonly texts: number;
  readonly right: number;
  readonly against: readonly ComparedLabels[];
}

export interface ComparedLabels {
  readonly name: string;
  readonly right: number;
  /** Share of right labels, the prompt's less this one's, with its 95 % interval. */
  readonly difference: number;
  readonly interval: Interval;
}

/** With fewer rows no difference that matters can be told. */
const FEW_TEXTS = 100;

/** @param others scores of the same texts, by name @param targets [N] */
export function promptVerdict(
  scores: LabelScores,
  others: readonly { readonly name: string; readonly scores: LabelScores }[],
  targets: Int32Array,
  {
    split,
    seed,
    learned = 'the prompt',
  }: { readonly split: PromptVerdict['split']; readonly seed: number; readonly learned?: string },
): PromptVerdict {
  const own = judgeLabels(scores, targets);
  const count = (labels: Int32Array) => labels.reduce((sum, label, i) => sum + (label === targets[i] ? 1 : 0), 0);
  const against = others.map((other): ComparedLabels => {
    const labels = judgeLabels(other.scores, targets);
    const { difference, interval } = pairedBootstrap(accuracy, own, labels, targets, { seed });
    return { name: other.name, right: count(labels), difference, interval };
  });
  const right = count(own);
  const best = against.reduce<ComparedLabels | undefined>((a, b) => (a && a.right >= b.right ? a : b), undefined);
  const kind = best === undefined ? 'no-difference' : verdictKind(best.interval);
  const next = nextStep(kind, targets.length, split);
  const text = [
    `Of ${targets.length} ${split} texts, ${learned} labels ${right} right${beside(against)}.`,
    meaning(kind, best),
    ADVICE[next],
  ].join(' ');
  return { kind, text, next, split, texts: targets.length, right, against };
}

const WORDS = {
  better: 'measurably more',
  'no-difference': 'no measurable difference',
  worse: 'measurably less',
} as const;

function beside(against: readonly ComparedLabels[]): string {
  if (against.length === 0) return '';
  return ` (${against.map(({ name, right, interval }) => `${name} ${right}: ${WORDS[verdictKind(interval)]}`).join('; ')})`;
}

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

/** The rules of docs/verdicts.md. */
export function nextStep(kind: PromptVerdict['kind'], texts: number, split: PromptVerdict['split']): NextStep {
  if (kind === 'worse') return 'use-baseline';
  if (split === 'validation') return 'test-data';
  if (kind === 'better') return 'use';
  return texts < FEW_TEXTS ? 'more-data' : 'another-model';
}
