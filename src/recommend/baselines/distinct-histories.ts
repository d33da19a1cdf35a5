import { type Sequences, sequenceOf } from '../../data/interactions/interaction-splits.js';

/**
 * The rows of the matrix of users and items that holds 1 where they met: every item once a user, ascending.
 * @param most items of a user; of more, so many at even distances are taken
 */
export function distinctHistories(sequences: Sequences, most = Number.POSITIVE_INFINITY): Sequences {
  const users = sequences.offsets.length - 1;
  const offsets = new Int32Array(users + 1);
  const items = new Int32Array(sequences.items.length);
  let at = 0;
  for (let user = 0; user < users; user++) {
    const start = at;
    let before = -1;
    for (const item of sequenceOf(sequences, user).slice().sort()) {
      if (item !== before) items[at++] = item;
      before = item;
    }
    const count = at - start;
    if (count > most) {
      for (let i = 0; i < most; i++) items[start + i] = items[start + Math.floor((i * count) / most)]!;
      at = start + most;
    }
    offsets[user + 1] = at;
  }
  return { offsets, items: items.slice(0, at), times: undefined, ratings: undefined };
}
