import { SoftpromptError } from '../../errors.js';
import {
  type BootstrapOptions,
  type Interval,
  type PairedDifference,
  percentileInterval,
  resample,
  resamples,
  summarizeDifferences,
} from '../resampling.js';
import { coverage, gini, intraListDiversity, novelty, type TopLists } from './list-metrics.js';
import { POPULARITY_GROUPS, type PopularityGroup, popularityGroups } from './popularity-groups.js';
import { mean, metricPerUser, RANK_METRICS, type RankMetricName } from './ranking-metrics.js';
import { selectTargets, type TargetRanks } from './target-ranks.js';

/** Means over users by name, such as `ndcg@10`. */
export type RankingFigures = Readonly<Record<string, number>>;

/** What a recommender achieved on one set. Plain data: it can be written as JSON as it is. */
export interface RankingReport extends RankingSummary {
  /** Percentile bootstrap over users. */
  readonly intervals: {
    readonly level: number;
    readonly resamples: number;
    readonly seed: number;
    readonly figures: Readonly<Record<string, Interval>>;
  };
  /** Of the lists of k items; diversity is null where no distance between items is known. */
  readonly lists: {
    readonly k: number;
    readonly coverage: number;
    readonly gini: number;
    readonly novelty: number;
    readonly diversity: number | null;
    /** Share of popular items (see `popularityGroups`) among what is listed, and among what was to be found. */
    readonly popularShare: number;
    readonly chosenPopularShare: number;
  };
  /** Groups of users by their own training interactions, and of relevant items by theirs; null for empty ones. */
  readonly userGroups: Readonly<Record<PopularityGroup, RankingGroup | null>>;
  readonly itemGroups: Readonly<Record<PopularityGroup, RankingGroup | null>>;
}

/** The figures of some users, or of all users for some of their items: of few, so that the intervals matter most here. */
export interface RankingGroup extends RankingSummary {
  /** Percentile bootstrap over the group's users, of the report's level and resamples. */
  readonly intervals: Readonly<Record<string, Interval>>;
}

export interface RankingSummary {
  readonly users: number;
  /** Relevant items, all users together. */
  readonly relevant: number;
  readonly figures: RankingFigures;
}

export interface RankingInput {
  readonly targets: TargetRanks;
  readonly lists: TopLists;
  /** [items of the catalogue] training interactions of each. */
  readonly itemCounts: Int32Array;
  /** [users] training interactions of each. */
  readonly userCounts: Int32Array;
  readonly distance?: ((a: number, b: number) => number) | undefined;
  /** Default: 5, 10, 20. */
  readonly cutoffs?: readonly number[] | undefined;
  /** Of the bootstrap. */
  readonly seed: number;
}

const CUTOFFS = [5, 10, 20];
const LEVEL = 0.95;
const RESAMPLES = 1000;

/** Every figure of a ranking. The formulas stand in docs/conventions.md. @throws EVALUATION_EMPTY */
export function evaluateRanking(input: RankingInput): RankingReport {
  const { targets, lists, itemCounts, userCounts, cutoffs = CUTOFFS, seed } = input;
  if (targets.users.length === 0) {
    throw new SoftpromptError('EVALUATION_EMPTY', {
      found: 'no user with an item to find',
      expected: 'at least one held-out interaction',
      fix: 'Choose another split: leave-one-out needs users with three interactions.',
    });
  }
  const bootstrap = { level: LEVEL, resamples: RESAMPLES, seed };
  const itemGroup = popularityGroups(itemCounts);
  const userGroup = popularityGroups(userCounts);
  const byGroup = (groupOf: (item: number, user: number) => number) =>
    Object.fromEntries(
      POPULARITY_GROUPS.map((name, group) => {
        const members = selectTargets(targets, (item, user) => groupOf(item, user) === group);
        if (members.users.length === 0) return [name, null];
        return [name, { ...summarizeRanking(members, cutoffs), intervals: meanIntervals(members, cutoffs, bootstrap) }];
      }),
    ) as Record<PopularityGroup, RankingGroup | null>;
  return {
    ...summarizeRanking(targets, cutoffs),
    intervals: { ...bootstrap, figures: meanIntervals(targets, cutoffs, bootstrap) },
    lists: {
      k: lists.k,
      coverage: coverage(lists, itemCounts.length),
      gini: gini(lists, itemCounts.length),
      novelty: novelty(lists, itemCounts),
      diversity: input.distance ? intraListDiversity(lists, input.distance) : null,
      popularShare: shareOf(lists.items, itemGroup),
      chosenPopularShare: shareOf(targets.items, itemGroup),
    },
    userGroups: byGroup((_, user) => userGroup[user]!),
    itemGroups: byGroup((item) => itemGroup[item]!),
  };
}

export function summarizeRanking(targets: TargetRanks, cutoffs: readonly number[] = CUTOFFS): RankingSummary {
  return {
    users: targets.users.length,
    relevant: targets.items.length,
    figures: Object.fromEntries([...figuresPerUser(targets, cutoffs)].map(([name, values]) => [name, mean(values)])),
  };
}

/**
 * Whether `candidate` beats `reference` on the same users: both are judged on the same resamples of users.
 * @throws EVALUATION_SHAPE where they ranked different items
 */
export function compareRankings(
  candidate: TargetRanks,
  reference: TargetRanks,
  metric: RankMetricName,
  k: number,
  seed: number,
): PairedDifference {
  const same = (a: Int32Array, b: Int32Array) => a.length === b.length && a.every((value, i) => value === b[i]);
  if (!same(candidate.users, reference.users) || !same(candidate.items, reference.items)) {
    throw new SoftpromptError('EVALUATION_SHAPE', {
      found: 'two models that were asked for different items of different users',
      expected: 'the same held-out part for both',
      fix: 'Evaluate both on one split.',
    });
  }
  const values = metricPerUser(candidate, RANK_METRICS[metric], k);
  const others = metricPerUser(reference, RANK_METRICS[metric], k);
  const differences = values.map((value, u) => value - others[u]!);
  const sorted = resample(differences.length, { seed, resamples: RESAMPLES }, (chosen) => meanOf(differences, chosen));
  return summarizeDifferences(mean(differences), sorted, LEVEL);
}

/** Each figure by name, such as `ndcg@10`, of every user, [U]. */
export function* figuresPerUser(
  targets: TargetRanks,
  cutoffs: readonly number[] = CUTOFFS,
): Generator<[string, Float64Array]> {
  for (const [name, metric] of Object.entries(RANK_METRICS)) {
    for (const k of cutoffs) yield [`${name}@${k}`, metricPerUser(targets, metric, k)];
  }
}

/** All figures are judged on the same resamples. */
function meanIntervals(
  targets: TargetRanks,
  cutoffs: readonly number[],
  bootstrap: BootstrapOptions,
): Record<string, Interval> {
  const figures = [...figuresPerUser(targets, cutoffs)].map(([name, values]) => ({
    name,
    values,
    means: [] as number[],
  }));
  for (const chosen of resamples(targets.users.length, bootstrap)) {
    for (const { values, means } of figures) means.push(meanOf(values, chosen));
  }
  return Object.fromEntries(
    figures.map(({ name, means }) => [name, percentileInterval(Float64Array.from(means).sort(), bootstrap.level)]),
  );
}

function meanOf(values: Float64Array, chosen: Int32Array): number {
  let sum = 0;
  for (const i of chosen) sum += values[i]!;
  return sum / chosen.length;
}

/** Share of popular items among codes; places without one (−1) do not count. */
function shareOf(items: Int32Array, groups: Uint8Array): number {
  const popular = POPULARITY_GROUPS.indexOf('popular');
  let [listed, among] = [0, 0];
  for (const item of items) {
    if (item === -1) continue;
    listed += 1;
    if (groups[item] === popular) among += 1;
  }
  return listed === 0 ? 0 : among / listed;
}
