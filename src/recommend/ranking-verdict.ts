import { metricPerUser, RANK_METRICS } from '../evaluation/ranking/ranking-metrics.js';
import { compareRankings, type RankingReport } from '../evaluation/ranking/ranking-report.js';
import type { Interval } from '../evaluation/resampling.js';
import { type NextStep, type Verdict, verdictKind } from '../evaluation/verdict.js';
import type { MeasuredRanking } from './measure-ranking.js';

/** What a recommender found of what people chose next, beside what costs nothing. */
export interface RankingVerdict extends Verdict {
  /** People of the test, and how many found something of theirs among 10 suggestions. */
  readonly people: number;
  readonly found: number;
  readonly against: readonly ComparedHits[];
  readonly concentration: {
    /** Items that stand in at least one list, of all. */
    readonly suggested: number;
    readonly items: number;
    /** Suggestions of popular items over choices of popular items, as shares; undefined where none were chosen. */
    readonly popularTimes: number | null;
  };
}

export interface ComparedHits {
  readonly name: string;
  readonly found: number;
  /** Share of people who found something, the recommender's less this one's, with its 95 % interval. */
  readonly difference: number;
  readonly interval: Interval;
}

/** What the next step depends on beside the figures. */
export interface FittedHow {
  readonly items: number;
  /** Whether texts of the items are used, were given, and by which model they are read. */
  readonly texts: boolean;
  readonly hasTexts: boolean;
  readonly model: string | undefined;
}

const K = 10;
/** With fewer people no difference that matters can be told. */
const FEW_PEOPLE = 1000;
/** Popular items are suggested too often from here on. */
const TOO_OFTEN = 1.5;

/** @param others cheap baselines, measured on the same people */
export function rankingVerdict(
  own: MeasuredRanking,
  others: readonly (MeasuredRanking & { readonly name: string })[],
  how: FittedHow,
  seed: number,
): RankingVerdict {
  const { report, targets } = own;
  const people = targets.users.length;
  const found = hits(own);
  const against = others.map((other): ComparedHits => {
    const { difference, interval } = compareRankings(targets, other.targets, 'hit', K, seed);
    return { name: other.name, found: hits(other), difference, interval };
  });
  const best = against.reduce<ComparedHits | undefined>((a, b) => (a && a.found >= b.found ? a : b), undefined);
  const kind = best === undefined ? 'no-difference' : verdictKind(best.interval);
  const next = nextStep({ kind, people, found }, how);
  const concentration = concentrationOf(report, how.items);
  const text = [
    `Of ${people} people, ${found} found their next choice among ${K} suggestions${beside(against)}.`,
    MEANING[kind](best),
    concentrationText(concentration),
    ADVICE[next],
  ].join(' ');
  return { kind, text, next, people, found, against, concentration };
}

const hits = ({ targets }: Pick<MeasuredRanking, 'targets'>): number =>
  metricPerUser(targets, RANK_METRICS.hit, K).reduce((sum, hit) => sum + hit, 0);

const WORDS = {
  better: 'measurably more',
  'no-difference': 'no measurable difference',
  worse: 'measurably less',
} as const;

function beside(against: readonly ComparedHits[]): string {
  if (against.length === 0) return '';
  const each = against.map(({ name, found, interval }) => `${name} ${found}: ${WORDS[verdictKind(interval)]}`);
  return ` (${each.join('; ')})`;
}

const MEANING: Readonly<Record<RankingVerdict['kind'], (best: ComparedHits | undefined) => string>> = {
  better: (best) => `It is worth using: better than ${best!.name}, the best of what costs nothing.`,
  'no-difference': (best) =>
    best === undefined
      ? 'Nothing was measured beside it.'
      : `It is not measurably better than ${best.name}, which costs nothing to learn.`,
  worse: (best) => `It is not worth using as it is: ${best!.name}, which costs nothing to learn, finds more.`,
};

const ADVICE: Readonly<Record<NextStep, string>> = {
  use: 'Next: use it.',
  'use-baseline': 'Next: look at the tables (--baselines), and fit longer or otherwise before it is shown to anybody.',
  'more-data': 'Next: more data; with so few people only large differences can be told.',
  'read-texts': 'Next: let it read the items, with --items and --model embedded.',
  'another-model': 'Next: a larger model that reads the items (--model).',
  'another-template': 'Next: another --item-template.',
  'test-data': 'Next: test data.',
};

/** The rules of docs/verdicts.md. */
export function nextStep(
  { kind, people, found }: Pick<RankingVerdict, 'kind' | 'people' | 'found'>,
  { items, texts, hasTexts, model }: FittedHow,
): NextStep {
  const byChance = (people * Math.min(K, items)) / items;
  if (kind === 'better' && found > 2 * byChance) return 'use';
  if (people < FEW_PEOPLE) return 'more-data';
  if (kind === 'worse') return 'use-baseline';
  if (!hasTexts || model === undefined) return 'read-texts';
  return texts ? 'another-model' : 'another-template';
}

function concentrationOf({ lists }: RankingReport, items: number): RankingVerdict['concentration'] {
  const { coverage, popularShare, chosenPopularShare } = lists;
  return {
    suggested: Math.round(coverage * items),
    items,
    popularTimes: chosenPopularShare > 0 ? popularShare / chosenPopularShare : null,
  };
}

/** @param concentration as above; the knob is named where popular items come too often */
export function concentrationText({ suggested, items, popularTimes }: RankingVerdict['concentration']): string {
  const listed = `It suggests ${suggested} of ${items} items`;
  if (popularTimes === null || popularTimes < TOO_OFTEN) return `${listed}.`;
  return `${listed}; popular ones ${popularTimes.toFixed(1)} times as often as people choose them (--popularity-penalty auto evens that out).`;
}
