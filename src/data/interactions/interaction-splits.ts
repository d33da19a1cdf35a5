import { SoftpromptError } from '../../errors.js';
import type { InteractionData } from './interaction-data.js';
import { showTime } from './show-time.js';
import { orderByUser, startOffsets } from './user-order.js';

/**
 * A list of items a user, in the order of time and in compressed form: user u's are
 * items[offsets[u]] … items[offsets[u + 1] − 1].
 */
export interface Sequences {
  /** [users + 1] */
  readonly offsets: Int32Array;
  /** [N] codes */
  readonly items: Int32Array;
  /** [N] seconds since 1970 */
  readonly times: Float64Array | undefined;
  /** [N] */
  readonly ratings: Float32Array | undefined;
}

/** What was held out from what. Every user has a place in all three parts, empty where he has no rows there. */
export interface InteractionSplits {
  /** Code → id, the same in all parts. */
  readonly users: readonly string[];
  readonly items: readonly string[];
  /** How the parts were made, in words. */
  readonly protocol: string;
  readonly train: Sequences;
  /** What follows `train`: chooses among models and settings. */
  readonly valid: Sequences;
  /** What follows `valid`: read once, at the end. */
  readonly test: Sequences;
}

/** The items of one user, without a copy. */
export function sequenceOf({ offsets, items }: Sequences, user: number): Int32Array {
  return items.subarray(offsets[user]!, offsets[user + 1]!);
}

/** [I] 1 for items with training interactions. */
export function itemsMet({ train, items }: InteractionSplits): Uint8Array {
  const met = new Uint8Array(items.length);
  for (const item of train.items) met[item] = 1;
  return met;
}

/**
 * Leave-one-out: each user's last interaction is for the test, the one before it for validation. Users with fewer than
 * `shortest` interactions stay whole in the training part.
 * @param shortest from 3: something must be left to learn from
 */
export function leaveOneOut(data: InteractionData, shortest = 3): InteractionSplits {
  const order = orderByUser(data);
  const part = new Uint8Array(data.user.length);
  for (let user = 0; user < data.users.length; user++) {
    const end = order.offsets[user + 1]!;
    if (end - order.offsets[user]! < Math.max(shortest, 3)) continue;
    part[order.rows[end - 2]!] = VALID;
    part[order.rows[end - 1]!] = TEST;
  }
  const protocol = `leave-one-out: the last interaction of each user with at least ${Math.max(shortest, 3)} is tested, the one before it validates`;
  return { ...parts(data, order, part), protocol };
}

/** Everything in the training part: what a recommender learns from before it serves. */
export function nothingHeldOut(data: InteractionData): InteractionSplits {
  const part = new Uint8Array(data.user.length); // TRAIN
  return { ...parts(data, orderByUser(data), part), protocol: 'all interactions are trained on' };
}

/** Points in time, in seconds since 1970, or shares of all interactions. */
export type TimeCuts =
  | { readonly validFrom: number; readonly testFrom: number }
  | { readonly validShare: number; readonly testShare: number };

/**
 * One point in time for all users: training lies before `validFrom`, the test begins at `testFrom`. Nothing that is
 * learned or validated is later than anything that is tested. Rows of the same time lie on the same side.
 * @throws DATA_TIME_MISSING, DATA_SPLIT_FRACTION, DATA_SPLIT_EMPTY
 */
export function splitByTime(data: InteractionData, cuts: TimeCuts): InteractionSplits {
  const { time } = data;
  if (time === undefined) {
    throw new SoftpromptError('DATA_TIME_MISSING', {
      found: 'interactions without times',
      expected: 'a time in every row for a split by time',
      fix: 'Name the column of the time (--time-column), or split otherwise (--split leave-one-out).',
    });
  }
  const { validFrom, testFrom } = 'validFrom' in cuts ? cuts : cutsAtShares(time, cuts);
  const part = Uint8Array.from(time, (at) => (at < validFrom ? TRAIN : at < testFrom ? VALID : TEST));
  for (const [name, code] of [['training', TRAIN] as const, ['test', TEST] as const]) {
    if (part.includes(code)) continue;
    throw new SoftpromptError('DATA_SPLIT_EMPTY', {
      found: `no interaction for the ${name} part with cuts at ${showTime(validFrom)} and ${showTime(testFrom)}`,
      expected: 'times on both sides',
      fix: 'Choose other points in time.',
    });
  }
  const protocol = `global time split: training before ${showTime(validFrom)}, test from ${showTime(testFrom)}`;
  return { ...parts(data, orderByUser(data), part), protocol };
}

const TRAIN = 0;
const VALID = 1;
const TEST = 2;

function cutsAtShares(
  time: Float64Array,
  { validShare, testShare }: { validShare: number; testShare: number },
): { validFrom: number; testFrom: number } {
  if (!(validShare >= 0 && testShare > 0 && validShare + testShare < 1)) {
    throw new SoftpromptError('DATA_SPLIT_FRACTION', {
      found: `a validation share of ${validShare} and a test share of ${testShare}`,
      expected: 'shares from 0, the second above it, that together stay below 1',
      fix: 'Choose, for example, --valid-share 0.1 and --test-share 0.1.',
    });
  }
  const sorted = time.slice().sort();
  const at = (share: number) => sorted[Math.min(Math.round(share * sorted.length), sorted.length - 1)]!;
  return { validFrom: at(1 - validShare - testShare), testFrom: at(1 - testShare) };
}

function parts(data: InteractionData, order: { offsets: Int32Array; rows: Int32Array }, part: Uint8Array) {
  const sequences = (code: number): Sequences => {
    const counts = new Int32Array(data.users.length);
    for (let row = 0; row < part.length; row++) if (part[row] === code) counts[data.user[row]!]! += 1;
    const rows = order.rows.filter((row) => part[row] === code);
    return {
      offsets: startOffsets(counts),
      items: rows.map((row) => data.item[row]!),
      times: data.time && Float64Array.from(rows, (row) => data.time![row]!),
      ratings: data.rating && Float32Array.from(rows, (row) => data.rating![row]!),
    };
  };
  return {
    users: data.users,
    items: data.items,
    train: sequences(TRAIN),
    valid: sequences(VALID),
    test: sequences(TEST),
  };
}
