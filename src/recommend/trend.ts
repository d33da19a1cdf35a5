import type { Sequences } from '../data/interactions/interaction-splits.js';
import type { PairedGain } from '../evaluation/paired-gain.js';
import { bestItems } from '../evaluation/ranking/top-items.js';
import { chooseExpert } from './choose-expert.js';
import type { RankingTask } from './measure-ranking.js';
import type { BatchScorer } from './scorer.js';

/**
 * How much an item gains by being popular lately: weight · log(its faded interactions, by those of the mean item, + FLOOR).
 * One more expert of the product (Hinton 2002), the same for everybody.
 */
export interface TrendSettings {
  readonly weight: number;
  /** Seconds after which an interaction counts half. */
  readonly halfLife: number;
}

export interface Trend extends TrendSettings {
  /** Seconds since 1970 at which an interaction counts 1. */
  readonly until: number;
  /** [I] interactions, each faded by its age at `until`. */
  readonly counts: Float32Array;
}

const WEIGHTS = [0.25, 0.5, 1, 2, 4, 8];
/** Half-lives that are tried: the time that training spans, halved so often at most. */
const HALVINGS = 11;
const FLOOR = 0.1;
const MOST_TRENDING = 100;

/** What is told too late by a wrong clock must not make all else old: so many of the latest interactions set no time. */
const ASTRAY = 0.001;

/** @returns undefined where interactions have no times */
export function trendOf({ items, times }: Sequences, size: number, settings: TrendSettings): Trend | undefined {
  if (times === undefined || times.length === 0) return undefined;
  return fadedTrend(items, times, lastTime(times), size, settings);
}

/** The time of the latest interaction but those that may be astray. */
function lastTime(times: Float64Array): number {
  return times.slice().sort()[times.length - 1 - Math.floor(ASTRAY * times.length)]!;
}

function fadedTrend(
  items: Int32Array,
  times: Float64Array,
  until: number,
  size: number,
  settings: TrendSettings,
): Trend {
  const counts = new Float32Array(size);
  for (let row = 0; row < items.length; row++) {
    counts[items[row]!]! += 2 ** (Math.min(0, times[row]! - until) / settings.halfLife);
  }
  return { ...settings, until, counts };
}

/**
 * A trend that was told of more.
 * @param times of each; where they are missing they count as of now, and so do those that lie in the future
 */
export function followTrend(trend: Trend, items: Int32Array, times: Float64Array | undefined): Trend {
  const { halfLife, counts: before } = trend;
  const now = Date.now() / 1000;
  const until = (times ?? new Float64Array(0)).reduce((last, time) => Math.max(last, Math.min(time, now)), trend.until);
  const fresh = fadedTrend(items, times ?? new Float64Array(items.length).fill(until), until, before.length, trend);
  const fade = 2 ** ((trend.until - until) / halfLife);
  return { ...fresh, counts: fresh.counts.map((count, item) => count + fade * before[item]!) };
}

/**
 * [I] What it adds to each item's score. Nobody has yet met what is new: an item counts at least as much as the median one, so
 * that it is not hidden behind all that was ever sold.
 */
export function trendTerms({ weight, counts }: Trend): Float32Array {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length || 1;
  const median = counts.slice().sort()[counts.length >> 1] ?? 0;
  return counts.map((count) => weight * Math.log(Math.max(count, median) / mean + FLOOR));
}

/** The items that gain most by it, for a search that looks at a part of the catalogue. */
export function trendingItems(terms: Float32Array): Int32Array {
  return bestItems(terms, MOST_TRENDING);
}

export function withTrend(score: BatchScorer, trend: Trend): BatchScorer {
  const terms = trendTerms(trend);
  return async (users, histories, groups) => {
    const scores = await score(users, histories, groups);
    for (let start = 0; start < scores.length; start += terms.length)
      for (let item = 0; item < terms.length; item++) scores[start + item]! += terms[item]!;
    return scores;
  };
}

/** The weight and the half-life that are best, see `chooseExpert`. @returns undefined without times, or where nobody validates */
export async function chooseTrend(
  score: BatchScorer,
  task: Pick<RankingTask, 'splits' | 'candidates' | 'validUsers'>,
): Promise<{ readonly settings: TrendSettings; readonly gain: PairedGain } | undefined> {
  const { train, items } = task.splits;
  const { times } = train;
  if (times === undefined || times.length === 0) return undefined;
  const first = times.reduce((earliest, time) => Math.min(earliest, time), Number.POSITIVE_INFINITY);
  const last = lastTime(times);
  const halfLives = Array.from({ length: last > first ? HALVINGS : 1 }, (_, n) => Math.max(1, (last - first) / 2 ** n));
  const choices = halfLives.flatMap((halfLife) => WEIGHTS.map((weight) => ({ weight, halfLife })));
  const terms = new Map(
    choices.map((choice) => [choice, trendTerms(fadedTrend(train.items, times, last, items.length, choice))]),
  );
  return chooseExpert(score, task, choices, async () => (choice, _, scores) => {
    const told = terms.get(choice)!;
    for (let item = 0; item < scores.length; item++) scores[item]! += told[item]!;
  });
}
