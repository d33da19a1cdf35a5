import { countBefore, type KnownAnswers } from './known-answers.js';
import type { Taste } from './taste.js';

/** Answers that the mean counts for in a smoothed rate. */
const PRIOR = 5;
const LOG_SCALE = 3;

export const USER_STATISTICS = [
  'like rate',
  'recent like rate',
  'answers',
  'liked items',
  'rate of liked items',
] as const;
export const ITEM_STATISTICS = ['like rate', 'answers', 'recent like rate'] as const;

const logit = (p: number) => Math.log(p / (1 - p));
/** The log odds of a smoothed rate, above those of the mean: 0 where nothing is known. */
const evidence = (likes: number, count: number, mean: number) =>
  logit((likes + PRIOR * mean) / (count + PRIOR)) - logit(mean);
/** From −1 for none to about 1 for a few hundred. */
const amount = (count: number) => Math.log1p(count) / LOG_SCALE - 1;

/** Numbers of a user, as `USER_STATISTICS` names them. */
export function userStatistics({ time, liked, answers }: Taste, known: KnownAnswers): Float32Array {
  const { mean } = known;
  const { count, likes, recentCount, recentLikes } = answers;
  const rates = liked.map((item) => itemStatistics(item, time, known)[0]!);
  return Float32Array.of(
    evidence(likes, count, mean),
    evidence(recentLikes, recentCount, mean),
    amount(count),
    amount(liked.length),
    rates.length === 0 ? 0 : rates.reduce((sum, rate) => sum + rate, 0) / rates.length,
  );
}

/** Answers that an item's recent rate is of. */
const RECENT = 20;

/** Numbers of an item, as `ITEM_STATISTICS` names them, of the answers before a time. */
export function itemStatistics(item: string, time: number, known: KnownAnswers): Float32Array {
  const answers = known.ofItem(item);
  const before = countBefore(answers, time);
  const recent = Math.max(0, before - RECENT);
  const likes = answers.likes[before]!;
  return Float32Array.of(
    evidence(likes, before, known.mean),
    amount(before),
    evidence(likes - answers.likes[recent]!, before - recent, known.mean),
  );
}
