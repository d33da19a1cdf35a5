import { type InteractionSplits, sequenceOf } from '../data/interactions/interaction-splits.js';
import { mean, ndcg } from '../evaluation/ranking/ranking-metrics.js';
import { hideItems } from '../evaluation/ranking/target-ranks.js';
import { topItems } from '../evaluation/ranking/top-items.js';
import type { TuningBasis } from './baselines/tune-baseline.js';
import { historyBefore } from './rank-held-out.js';
import { type BatchScorer, rowsAtOnce, type Scorer } from './scorer.js';

/**
 * How much an item-item model adds to a network's scores: weight · log(max(its score, 0) + floor). The network's scores
 * are log-probabilities up to a constant, so this is a product of experts (Hinton 2002, section 1).
 */
export interface MixtureSettings {
  /** 0: the network alone. */
  readonly weight: number;
  /** Above 0: what an item counts that no item of the history speaks for. */
  readonly floor: number;
}

const WEIGHTS = [0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12];
const FLOORS = [1e-1, 1e-2, 1e-3, 1e-4];
const CHOICES: readonly MixtureSettings[] = [
  { weight: 0, floor: 1 },
  ...FLOORS.flatMap((floor) => WEIGHTS.map((weight) => ({ weight, floor }))),
];
/** Users whose lists are looked at to choose a mixture, at most. */
const MOST_USERS = 20_000;

/** What an item-item model's score of an item adds to the network's. */
export function itemItemTerm(vote: number, { weight, floor }: MixtureSettings): number {
  return weight * Math.log(Math.max(vote, 0) + floor);
}

/** Adds the item-item model's part to the scores [items] of one user. */
function addItemItem(scores: Float32Array, itemItem: Float32Array, settings: MixtureSettings): void {
  if (settings.weight === 0) return;
  const nothing = itemItemTerm(0, settings); // for most items of a large catalogue
  for (let i = 0; i < scores.length; i++) {
    const vote = itemItem[i]!;
    scores[i]! += vote > 0 ? itemItemTerm(vote, settings) : nothing;
  }
}

export function mixedScorer(network: BatchScorer, itemItem: Scorer, settings: MixtureSettings): BatchScorer {
  return async (users, histories, groups) => {
    const scores = await network(users, histories, groups);
    if (settings.weight === 0) return scores;
    const items = scores.length / histories.length;
    const votes = new Float32Array(items);
    histories.forEach((history, i) => {
      if (history.length === 0) return;
      itemItem.scoreUser(history, votes);
      addItemItem(scores.subarray(i * items, (i + 1) * items), votes, settings);
    });
    return scores;
  };
}

/** A mixture, and what it gives the users who were asked. */
export interface ChosenMixture {
  readonly settings: MixtureSettings;
  /** NDCG@10 of validation. */
  readonly validNdcg: number;
  /** The same of each user, and of the network alone. */
  readonly perUser: Float64Array;
  readonly alonePerUser: Float64Array;
}

/** NDCG is cut off here: which items come later need not be known. */
const CUTOFF = 10;

/**
 * The mixture that is best in NDCG@10 of validation, history hidden; users are asked at even distances.
 * @param basis candidates [items]: 1 for the items that are ranked; default: all
 */
export async function chooseMixture(
  network: BatchScorer,
  itemItem: Scorer,
  splits: InteractionSplits,
  { candidates, validUsers }: TuningBasis = {},
): Promise<ChosenMixture> {
  const items = splits.items.length;
  const users = [...(validUsers ?? splits.users.keys())].filter((user) => sequenceOf(splits.valid, user).length > 0);
  const count = Math.min(users.length, MOST_USERS);
  const asked = Array.from({ length: count }, (_, i) => users[Math.floor((i * users.length) / count)]!);
  const excluded = Int32Array.from(splits.items.keys()).filter((item) => candidates?.[item] === 0);
  const gains = CHOICES.map(() => new Float64Array(asked.length));
  const votes = new Float32Array(items);
  const batchSize = rowsAtOnce(items);
  for (let start = 0; start < asked.length; start += batchSize) {
    const batch = Int32Array.from(asked.slice(start, start + batchSize));
    const histories = Array.from(batch, (user) => historyBefore(splits, 'valid', user));
    const scores = await network(batch, histories);
    batch.forEach((user, i) => {
      const place = start + i;
      const relevant = Int32Array.from(new Set(sequenceOf(splits.valid, user)));
      const own = scores.subarray(i * items, (i + 1) * items);
      hideItems(own, excluded, relevant);
      hideItems(own, histories[i]!, relevant);
      itemItem.scoreUser(histories[i]!, votes);
      const rank = mixedRanks(own, votes);
      CHOICES.forEach((settings, choice) => {
        gains[choice]![place] = ndcg(relevant.map((item) => rank(item, settings)).sort(), CUTOFF);
      });
    });
  }
  const means = gains.map(mean);
  const best = means.indexOf(Math.max(...means));
  return { settings: CHOICES[best]!, validNdcg: means[best]!, perUser: gains[best]!, alonePerUser: gains[0]! };
}

/**
 * The rank of an item in a mixture; beyond the cut-off, some rank beyond it. All items without votes gain alike, so that
 * of these the first by the network's scores are the first in every mixture, and the catalogue is gone through only once.
 * @param scores [items] of the network @param votes [items] of the item-item model
 */
function mixedRanks(scores: Float32Array, votes: Float32Array): (item: number, settings: MixtureSettings) => number {
  const voted: number[] = [];
  const others = scores.slice();
  let unknown = 0;
  for (let item = 0; item < scores.length; item++) {
    if (votes[item]! > 0) {
      voted.push(item);
      others[item] = Number.NEGATIVE_INFINITY;
    } else if (Number.isNaN(scores[item]!)) unknown += 1;
  }
  const firstOthers = topItems(others, CUTOFF + 1).filter((item) => item !== -1);
  return (item, settings) => {
    const { weight } = settings;
    const mixed = (other: number) => {
      const term = weight === 0 ? 0 : itemItemTerm(votes[other]!, settings);
      return Math.fround(scores[other]! + term);
    };
    const own = mixed(item);
    const asHigh = (rank: number, other: number) => rank + (mixed(other) < own ? 0 : 1);
    return firstOthers.reduce(asHigh, voted.reduce(asHigh, unknown));
  };
}
