import { type InteractionSplits, itemsMet, type Sequences, sequenceOf } from './interaction-splits.js';

/** What a held-out part shares with what a model learned from. Some leaks are in the nature of a protocol. */
export interface SplitLeaks {
  readonly part: 'valid' | 'test';
  readonly users: number;
  readonly interactions: number;
  /** Interactions with an item that the same user had before: remembering is enough to find them. */
  readonly alreadySeen: number;
  /** Interactions that are earlier than one the same user has in the parts before. */
  readonly beforeOwnHistory: number;
  /**
   * Share of the training interactions, of any user, that are later than the part's first one. Leave-one-out has many:
   * a model may learn what became popular later. A split by time has none. Null without times.
   */
  readonly trainLater: number | null;
  /** Interactions of users, and with items, that training does not know. */
  readonly ofUnseenUsers: number;
  readonly withUnseenItems: number;
}

export function findLeaks(splits: InteractionSplits): SplitLeaks[] {
  return [leaksOf(splits, 'valid', [splits.train]), leaksOf(splits, 'test', [splits.train, splits.valid])];
}

function leaksOf(splits: InteractionSplits, part: 'valid' | 'test', before: readonly Sequences[]): SplitLeaks {
  const heldOut = splits[part];
  const seenItems = itemsMet(splits);
  const lastUser = new Int32Array(splits.items.length).fill(-1);
  let users = 0;
  let alreadySeen = 0;
  let beforeOwnHistory = 0;
  let ofUnseenUsers = 0;
  let withUnseenItems = 0;
  for (let user = 0; user < splits.users.length; user++) {
    const items = sequenceOf(heldOut, user);
    if (items.length === 0) continue;
    users += 1;
    if (sequenceOf(splits.train, user).length === 0) ofUnseenUsers += items.length;
    for (const earlier of before) for (const item of sequenceOf(earlier, user)) lastUser[item] = user;
    const lastTime = Math.max(...before.map((earlier) => lastTimeOf(earlier, user)));
    for (const [place, item] of items.entries()) {
      if (lastUser[item] === user) alreadySeen += 1;
      if (seenItems[item] === 0) withUnseenItems += 1;
      if (heldOut.times && heldOut.times[heldOut.offsets[user]! + place]! < lastTime) beforeOwnHistory += 1;
    }
  }
  const interactions = heldOut.items.length;
  const trainLater = shareLater(splits.train, heldOut);
  return { part, users, interactions, alreadySeen, beforeOwnHistory, trainLater, ofUnseenUsers, withUnseenItems };
}

function lastTimeOf({ offsets, times }: Sequences, user: number): number {
  const end = offsets[user + 1]!;
  return times && end > offsets[user]! ? times[end - 1]! : Number.NEGATIVE_INFINITY;
}

function shareLater(train: Sequences, heldOut: Sequences): number | null {
  if (!train.times || !heldOut.times) return null;
  const first = heldOut.times.reduce((earliest, time) => Math.min(earliest, time), Number.POSITIVE_INFINITY);
  return train.times.reduce((later, time) => later + (time > first ? 1 : 0), 0) / train.times.length;
}
