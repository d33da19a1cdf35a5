import { type InteractionSplits, sequenceOf } from '../../data/interactions/interaction-splits.js';
import { Random } from '../../random.js';
import type { TitleCase } from './title-task.js';

export interface NextTitleOptions {
  /** Items that stand beside the next one. */
  readonly negatives: number;
  /** Places of each user's training history that are predicted. */
  readonly perUser: number;
  /** The latest titles that are read. */
  readonly maxHistory: number;
  /** Users whose histories are taken at most, drawn by the seed. Default: all. */
  readonly users?: number | undefined;
  readonly seed: number;
}

/**
 * What a prompt for titles is learned from: histories, each with the title that came next and those of sampled items. The
 * loss `labels` over them is a sampled softmax (Jean et al. 2015, section 3) with uniform samples, so it needs no
 * correction: what is learned is the likelihood itself. Sampled are titled items of the training part that the user did
 * not meet in it, none with the words of the right title.
 * @param titles code → title, empty where there is none
 */
export function nextTitleCases(
  titles: readonly string[],
  splits: InteractionSplits,
  part: 'train' | 'valid',
  { negatives, perUser, maxHistory, users: most = Number.POSITIVE_INFINITY, seed }: NextTitleOptions,
): TitleCase[] {
  const random = new Random(seed);
  const pool = [...new Set(splits.train.items)].filter((item) => titles[item] !== '');
  const found: TitleCase[] = [];
  let taken = 0;
  for (const user of most < splits.users.length ? random.shuffle([...splits.users.keys()]) : splits.users.keys()) {
    if (taken === most) break;
    const met = [...sequenceOf(splits.train, user)].filter((item) => titles[item] !== '');
    const held = sequenceOf(splits.valid, user).find((item) => titles[item] !== '');
    const cases =
      part === 'valid'
        ? held === undefined || met.length === 0
          ? []
          : [{ history: met, next: held }]
        : random
            .sample(Math.max(0, met.length - 1), perUser)
            .map((before) => ({ history: met.slice(0, before + 1), next: met[before + 1]! }));
    const before = found.length;
    const known = new Set(met);
    for (const { history, next } of cases) {
      const others = sampleOthers(pool, negatives, random, (item) => known.has(item) || titles[item] === titles[next]);
      if (others === undefined) continue;
      const titlesOf = (items: readonly number[]) => items.map((item) => titles[item]!);
      found.push({ history: titlesOf(history.slice(-maxHistory)), candidates: titlesOf([next, ...others]) });
    }
    if (found.length > before) taken += 1;
  }
  return found;
}

/** Different items; undefined where there are not enough that are allowed. */
function sampleOthers(
  pool: readonly number[],
  count: number,
  random: Random,
  excluded: (item: number) => boolean,
): number[] | undefined {
  if (pool.length < count) return undefined;
  const chosen = new Set<number>();
  for (let tries = 0; chosen.size < count && tries < 20 * count; tries++) {
    const item = pool[random.integer(pool.length)]!;
    if (!excluded(item)) chosen.add(item);
  }
  if (chosen.size === count) return [...chosen];
  const allowed = pool.filter((item) => !excluded(item));
  return allowed.length < count ? undefined : random.shuffle(allowed).slice(0, count);
}
