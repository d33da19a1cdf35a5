import { SoftpromptError } from '../../errors.js';
import { Random } from '../../random.js';
import type { InteractionSplits, Sequences } from './interaction-splits.js';
import { startOffsets } from './user-order.js';

/**
 * Makes items unseen: they vanish from training and validation, so that a model knows nothing of them but their text.
 * The test keeps their interactions; what it finds there is judged on these items alone.
 * @param share of the items, above 0 and below 1
 * @throws DATA_SPLIT_FRACTION
 */
export function holdOutItems(
  splits: InteractionSplits,
  share: number,
  seed: number,
): { splits: InteractionSplits; unseen: Uint8Array } {
  if (!(share > 0 && share < 1)) {
    throw new SoftpromptError('DATA_SPLIT_FRACTION', {
      found: `a share of ${share} of the items`,
      expected: 'a share above 0 and below 1',
      fix: 'Choose, for example, 0.1.',
    });
  }
  const unseen = new Uint8Array(splits.items.length);
  const count = Math.round(share * unseen.length);
  for (const item of new Random(seed).sample(unseen.length, count)) unseen[item] = 1;
  return {
    splits: {
      ...splits,
      protocol: `${splits.protocol}; ${count} of ${unseen.length} items removed from training and validation`,
      train: withoutItems(splits.train, unseen),
      valid: withoutItems(splits.valid, unseen),
    },
    unseen,
  };
}

function withoutItems({ offsets, items, times, ratings }: Sequences, removed: Uint8Array): Sequences {
  const counts = new Int32Array(offsets.length - 1);
  for (let user = 0; user < counts.length; user++) {
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) if (removed[items[at]!] === 0) counts[user]! += 1;
  }
  const kept = (_: number, at: number) => removed[items[at]!] === 0;
  return {
    offsets: startOffsets(counts),
    items: items.filter(kept),
    times: times?.filter(kept),
    ratings: ratings?.filter(kept),
  };
}
