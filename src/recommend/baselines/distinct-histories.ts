import { type Sequences, sequenceOf } from '../../data/interactions/interaction-splits.js';

/** The rows of the matrix of users and items that holds 1 where they met: every item once a user, ascending. */
export function distinctHistories(sequences: Sequences): Sequences {
  const users = sequences.offsets.length - 1;
  const offsets = new Int32Array(users + 1);
  const items = new Int32Array(sequences.items.length);
  let at = 0;
  for (let user = 0; user < users; user++) {
    let before = -1;
    for (const item of sequenceOf(sequences, user).slice().sort()) {
      if (item !== before) items[at++] = item;
      before = item;
    }
    offsets[user + 1] = at;
  }
  return { offsets, items: items.slice(0, at), times: undefined, ratings: undefined };
}
