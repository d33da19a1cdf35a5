import { SoftpromptError } from '../../errors.js';

/**
 * Where a model ranked the relevant items of U users, in compressed form: user u's are entries
 * offsets[u] … offsets[u + 1] − 1, at least one.
 */
export interface TargetRanks {
  /** [U] codes */
  readonly users: Int32Array;
  /** [U + 1] */
  readonly offsets: Int32Array;
  /** [M] codes of the relevant items */
  readonly items: Int32Array;
  /** [M] from 1 */
  readonly ranks: Int32Array;
}

/** Takes items out of a ranking: their scores become −Infinity. Relevant ones stay, so that they can be found. */
export function hideItems(scores: Float32Array, items: Int32Array, relevant: Int32Array): void {
  const kept = Float32Array.from(relevant, (item) => scores[item]!);
  for (const item of items) scores[item] = Number.NEGATIVE_INFINITY;
  for (const [i, item] of relevant.entries()) scores[item] = kept[i]!;
}

/**
 * The rank of an item: how many score at least as high, itself included, so that ties count against the model. What is
 * not a number counts as higher.
 * @throws EVALUATION_NOT_FINITE where the item's own score is not a number
 */
export function rankOf(scores: Float32Array, item: number): number {
  const own = scores[item]!;
  if (Number.isNaN(own)) {
    throw new SoftpromptError('EVALUATION_NOT_FINITE', {
      found: `the score of item ${item} is not a number`,
      expected: 'a number for every item that is to be found',
      fix: 'The model that scored it has diverged: train it anew, with a lower learning rate.',
    });
  }
  let rank = 0;
  for (let other = 0; other < scores.length; other++) if (!(scores[other]! < own)) rank += 1;
  return rank;
}

/** The relevant items for which `keep` holds, of the users that have any. */
export function selectTargets(targets: TargetRanks, keep: (item: number, user: number) => boolean): TargetRanks {
  const users: number[] = [];
  const offsets = [0];
  const kept: number[] = [];
  for (let u = 0; u < targets.users.length; u++) {
    const user = targets.users[u]!;
    for (let at = targets.offsets[u]!; at < targets.offsets[u + 1]!; at++) {
      if (keep(targets.items[at]!, user)) kept.push(at);
    }
    if (kept.length === offsets.at(-1)) continue;
    users.push(user);
    offsets.push(kept.length);
  }
  return {
    users: Int32Array.from(users),
    offsets: Int32Array.from(offsets),
    items: Int32Array.from(kept, (at) => targets.items[at]!),
    ranks: Int32Array.from(kept, (at) => targets.ranks[at]!),
  };
}
