import { type InteractionData, selectRows } from '../../src/data/interactions/interaction-data.js';
import { type InteractionSplits, itemsMet, leaveOneOut } from '../../src/data/interactions/interaction-splits.js';
import { Random } from '../../src/random.js';

/** A tenth of the items, drawn, left out of training and validation; tested are users whose last item is one of them. */
export interface UnseenSplit {
  readonly splits: InteractionSplits;
  /** The same with nothing left out. */
  readonly before: InteractionSplits;
  readonly met: Uint8Array;
  readonly unseen: Uint8Array;
}

export const UNSEEN_SHARE = 0.1;

export function unseenSplit(interactions: InteractionData, draw: number): UnseenSplit {
  // the order of rows is that of each user's history
  const random = new Random(draw);
  const drawn = new Set(interactions.items.filter(() => random.uniform() < UNSEEN_SHARE));
  const before = leaveOneOut(interactions);
  const tested = new Set<string>(); // user and item
  before.users.forEach((user, code) => {
    for (const item of before.test.items.subarray(before.test.offsets[code]!, before.test.offsets[code + 1]!)) {
      tested.add(`${user} ${before.items[item]}`);
    }
  });
  const kept = Int32Array.from(interactions.user.keys()).filter((row) => {
    const item = interactions.items[interactions.item[row]!]!;
    return !drawn.has(item) || tested.has(`${interactions.users[interactions.user[row]!]} ${item}`);
  });
  const splits = leaveOneOut(selectRows(interactions, kept));
  const met = itemsMet(splits);
  const unseen = Uint8Array.from(splits.items, (id, code) => (drawn.has(id) && met[code] === 0 ? 1 : 0));
  return { splits, before, met, unseen };
}
