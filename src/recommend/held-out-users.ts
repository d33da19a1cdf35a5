import { type InteractionSplits, sequenceOf } from '../data/interactions/interaction-splits.js';
import { Random } from '../random.js';

/** The users of a held-out part who are asked, where asking all would take too long. */
export interface HeldOutSample {
  /** Codes, ascending. */
  readonly users: Int32Array;
  /** Users who have something to find. */
  readonly of: number;
}

/** What ranking a part may cost: scores in all, and users. */
const MOST = {
  valid: { scores: 4e9, users: 50_000 },
  test: { scores: 1e10, users: 100_000 },
} as const;
const FEWEST_USERS = 1000;

/**
 * Draws users of a part, each equally likely: all where they are not more than `most`.
 * @param most default: as many as are ranked in minutes: 4·10⁹ scores and 50,000 users validate, 10¹⁰ and 100,000 test
 */
export function sampleHeldOut(
  splits: InteractionSplits,
  part: 'valid' | 'test',
  seed: number,
  most: number = usersByDefault(part, splits.items.length),
): HeldOutSample {
  const all = Int32Array.from(splits.users.keys()).filter((user) => sequenceOf(splits[part], user).length > 0);
  if (all.length <= most) return { users: all, of: all.length };
  const drawn = new Random(seed).sample(all.length, most).sort((a, b) => a - b);
  return { users: Int32Array.from(drawn, (place) => all[place]!), of: all.length };
}

export function usersByDefault(part: 'valid' | 'test', items: number): number {
  const { scores, users } = MOST[part];
  return Math.min(users, Math.max(FEWEST_USERS, Math.floor(scores / items)));
}
