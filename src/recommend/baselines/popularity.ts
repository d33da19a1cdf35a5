import { countCodes } from '../../data/interactions/interaction-data.js';
import type { Sequences } from '../../data/interactions/interaction-splits.js';
import { SoftpromptError } from '../../errors.js';
import type { Scorer } from '../scorer.js';
import { checkSetting } from './baseline-setting.js';

/** [I] training interactions of each item. */
export function trainingPopularity(train: Sequences, items: number): Float32Array {
  return Float32Array.from(countCodes(train.items, items));
}

/** Scores every item by its training interactions, for everyone the same. */
export function fitPopularity(train: Sequences, items: number): Scorer {
  return constantScorer(trainingPopularity(train, items));
}

/**
 * Popularity that fades: an interaction counts 2^(−age / halfLife), its age measured from the end of training.
 * @param halfLife in seconds, above 0
 * @throws BASELINE_NEEDS_TIMES, BASELINE_SETTING
 */
export function fitRecentPopularity(train: Sequences, items: number, halfLife: number): Scorer {
  checkSetting('halfLife', halfLife, Number.MIN_VALUE);
  const times = timesOf(train);
  const end = times.reduce((last, time) => Math.max(last, time), Number.NEGATIVE_INFINITY);
  const scores = new Float64Array(items);
  for (let at = 0; at < times.length; at++) scores[train.items[at]!]! += 2 ** ((times[at]! - end) / halfLife);
  return constantScorer(Float32Array.from(scores));
}

/** Seconds from the first to the last training interaction. @throws BASELINE_NEEDS_TIMES */
export function trainingSpan(train: Sequences): number {
  const times = timesOf(train);
  const first = times.reduce((earliest, time) => Math.min(earliest, time), Number.POSITIVE_INFINITY);
  const last = times.reduce((latest, time) => Math.max(latest, time), Number.NEGATIVE_INFINITY);
  return last - first;
}

function timesOf({ times }: Sequences): Float64Array {
  if (times) return times;
  throw new SoftpromptError('BASELINE_NEEDS_TIMES', {
    found: 'interactions without times',
    expected: 'a time for every interaction, to tell which are recent',
    fix: 'Name the column of the time (--time-column), or leave recent popularity out.',
  });
}

function constantScorer(scores: Float32Array): Scorer {
  return { scoreUser: (_, out) => out.set(scores) };
}
