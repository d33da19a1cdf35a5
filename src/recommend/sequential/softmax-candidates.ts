import { countCodes } from '../../data/interactions/interaction-data.js';
import type { Sequences } from '../../data/interactions/interaction-splits.js';
import type { Random } from '../../random.js';
import type { Feed } from '../../runtime/program.js';

/** The items that compete in the softmax of one batch. */
export interface Candidates {
  /** [S] */
  readonly items: Int32Array;
  /** `candidateBias` [1, S], `candidateShare` [1] = 1/S, and `targets` [N] as places among the candidates. */
  readonly feeds: Readonly<Record<string, Feed>> & { readonly targets: BigInt64Array };
}

/** Who competes in the softmax, where it is not the whole catalogue. */
export interface SoftmaxCandidates {
  /** `sampled`: others for each batch. `met`: the same in all. */
  readonly kind: 'sampled' | 'met';
  /** S at most, beside the targets of a batch. */
  readonly count: number;
  /** @param targets [N] items */
  readonly draw: (targets: BigInt64Array, random: Random) => Candidates;
}

/** So many draws an item find every item. */
const SURELY_ALL = 32;

/**
 * Who competes in the softmax, or undefined for the whole catalogue. Items without training interactions never do: they
 * would only learn to be wrong. Beyond `fullSoftmaxUpTo` items it is a sample: the batch's targets and uniformly drawn
 * others, each logit less the logarithm of the item's probability to be there (Bengio & Senécal 2008, equation 4).
 */
export function softmaxCandidates(
  train: Sequences,
  items: number,
  { fullSoftmaxUpTo, sampledCandidates }: { readonly fullSoftmaxUpTo: number; readonly sampledCandidates: number },
): SoftmaxCandidates | undefined {
  const counts = countCodes(train.items, items);
  const trained = Int32Array.from(counts.keys()).filter((item) => counts[item]! > 0);
  if (trained.length > fullSoftmaxUpTo) {
    const count = Math.min(sampledCandidates, SURELY_ALL * trained.length);
    return { kind: 'sampled', count, draw: sampled(trained, counts, count) };
  }
  if (trained.length === items) return undefined;
  const place = placesOf(trained, items);
  const candidateBias = new Float32Array(trained.length);
  const candidateShare = Float32Array.of(1 / trained.length);
  const draw: SoftmaxCandidates['draw'] = (targets) => ({
    items: trained,
    feeds: { candidateBias, candidateShare, targets: targets.map((item) => BigInt(place[Number(item)]!)) },
  });
  return { kind: 'met', count: trained.length, draw };
}

function sampled(trained: Int32Array, counts: Int32Array, draws: number): SoftmaxCandidates['draw'] {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const drawn = 1 - (1 - 1 / trained.length) ** draws;
  return (targets, random) => {
    const chosen = new Set<number>(Array.from(targets, Number));
    for (let i = 0; i < draws; i++) chosen.add(trained[random.integer(trained.length)]!);
    const items = Int32Array.from(chosen);
    const place = new Map(Array.from(items, (item, i) => [item, i]));
    const candidateBias = Float32Array.from(items, (item) => {
      const asTarget = 1 - (1 - counts[item]! / all) ** targets.length;
      return -Math.log(1 - (1 - asTarget) * (1 - drawn));
    });
    return {
      items,
      feeds: {
        candidateBias,
        candidateShare: Float32Array.of(1 / items.length),
        targets: targets.map((item) => BigInt(place.get(Number(item))!)),
      },
    };
  };
}

function placesOf(chosen: Int32Array, items: number): Int32Array {
  const place = new Int32Array(items).fill(-1);
  for (const [i, item] of chosen.entries()) place[item] = i;
  return place;
}
