import { areaUnderCurve, weightedArea } from '../../evaluation/area-under-curve.js';
import { type Interval, percentileInterval, resamples } from '../../evaluation/resampling.js';
import { type NextStep, type Verdict, verdictKind } from '../../evaluation/verdict.js';

/** How well likes are told from dislikes, beside what costs less. */
export interface PreferenceVerdict extends Verdict {
  readonly answers: number;
  readonly users: number;
  /** Area under the ROC curve: the share of pairs of a liked and a disliked thing that stand in the right order. */
  readonly auc: number;
  readonly against: readonly ComparedAreas[];
}

export interface ComparedAreas {
  readonly name: string;
  readonly auc: number;
  /** The preference's area less this one's, with its 95 % interval. */
  readonly difference: number;
  readonly interval: Interval;
}

export interface JudgedAnswers {
  readonly logOdds: ArrayLike<number>;
  /** [N] of the same answers, by name. */
  readonly others: readonly { readonly name: string; readonly logOdds: ArrayLike<number> }[];
  readonly liked: readonly number[];
  readonly users: readonly string[];
}

const RESAMPLES = 300;
/** With fewer users no difference that matters can be told. */
const FEW_USERS = 200;
/** What costs less is named, the best first; `against` has all. */
const MOST_SHOWN = 2;
/** Chance puts half of all pairs in the right order. */
const CHANCE = 0.5;

/** Undefined where the answers are all alike. Intervals: bootstrap over users. */
export function preferenceVerdict(
  { logOdds, others, liked, users }: JudgedAnswers,
  seed: number,
): PreferenceVerdict | undefined {
  const auc = areaUnderCurve(logOdds, liked);
  if (auc === undefined) return undefined;
  const names = new Map([...new Set(users)].map((user, place) => [user, place]));
  const userOf = Int32Array.from(users, (user) => names.get(user)!);
  const areas = [logOdds, ...others.map(({ logOdds }) => logOdds)].map((odds) => weightedArea(odds, liked));
  const differences = others.map((): number[] => []);
  const drawn = new Int32Array(names.size);
  const resampled: number[] = [];
  for (const chosen of resamples(names.size, { seed, resamples: RESAMPLES })) {
    drawn.fill(0);
    for (const user of chosen) drawn[user]! += 1;
    const [own, ...rest] = areas.map((areaOf) => areaOf((row) => drawn[userOf[row]!]!));
    if (own === undefined) continue;
    resampled.push(own - CHANCE);
    rest.forEach((area, i) => {
      differences[i]!.push(own - area!);
    });
  }
  const interval = (values: number[]) => percentileInterval(Float64Array.from(values).sort());
  const against = others.map(({ name, logOdds }, i): ComparedAreas => {
    const area = areaUnderCurve(logOdds, liked)!;
    return { name, auc: area, difference: auc - area, interval: interval(differences[i]!) };
  });
  const chance: ComparedAreas = {
    ...{ name: 'chance', auc: CHANCE, difference: auc - CHANCE },
    interval: interval(resampled),
  };
  const compared = [...against, chance];
  const shown = [...[...against].sort((a, b) => b.auc - a.auc).slice(0, MOST_SHOWN), chance];
  const best = compared.reduce((a, b) => (a.auc >= b.auc ? a : b));
  const kind = verdictKind(best.interval);
  const next = nextStep(kind, names.size);
  const text = [
    `Of 100 pairs of something liked and something not, ${pairs(auc)} are put in the right order (${shown.map(said).join('; ')}).`,
    MEANING[kind](best.name),
    ADVICE[next],
  ].join(' ');
  return { kind, text, next, answers: liked.length, users: names.size, auc, against: compared };
}

const pairs = (area: number) => Math.round(100 * area);

const WORDS = { better: 'measurably more', 'no-difference': 'no measurable difference', worse: 'measurably less' };

const said = ({ name, auc, interval }: ComparedAreas) =>
  `${name === 'chance' ? `chance ${pairs(auc)}` : `${name} ${pairs(auc)}`}: ${WORDS[verdictKind(interval)]}`;

const MEANING: Readonly<Record<PreferenceVerdict['kind'], (best: string) => string>> = {
  better: (best) => `It is worth using: better than ${best}, the best of what costs less.`,
  'no-difference': (best) => `It is not measurably better than ${best}, which costs less.`,
  worse: (best) => `It is not worth using: ${best}, which costs less, tells likes apart better.`,
};

const ADVICE: Readonly<Record<PreferenceNext, string>> = {
  use: 'Next: use it.',
  'use-baseline': 'Next: take that one, or a larger model (--model).',
  'more-data': 'Next: answers of more people; with so few only large differences can be told.',
  'another-model': 'Next: a larger model (--model), or other sources in the template.',
};

type PreferenceNext = Extract<NextStep, 'use' | 'use-baseline' | 'more-data' | 'another-model'>;

/** The rules of docs/verdicts.md. */
export function nextStep(kind: PreferenceVerdict['kind'], users: number): PreferenceNext {
  if (kind === 'better') return 'use';
  if (kind === 'worse') return 'use-baseline';
  return users < FEW_USERS ? 'more-data' : 'another-model';
}
