import type { InteractionSplits, Sequences } from '../../data/interactions/interaction-splits.js';
import { mean, metricPerUser, RANK_METRICS } from '../../evaluation/ranking/ranking-metrics.js';
import { rankHeldOut } from '../rank-held-out.js';
import { inBatches, type Scorer } from '../scorer.js';
import { easeScorer, fitEase } from './ease.js';
import { fitItemKnn, itemKnnScorer, neighboursWithin } from './item-knn.js';
import { fitPopularity, fitRecentPopularity, trainingSpan } from './popularity.js';

/** A baseline with one choice of its settings, fitted to the training part. */
interface Trial {
  readonly settings: Readonly<Record<string, number>>;
  readonly scorer: Scorer;
}

const RECENCIES = [1, 0.9, 0.7, 0.4];

/** Every baseline tries the same number of settings, 12, where it has any and they differ. */
const TRIALS = {
  async *popularity(train: Sequences, items: number): AsyncGenerator<Trial> {
    yield { settings: {}, scorer: fitPopularity(train, items) };
  },
  async *recentPopularity(train: Sequences, items: number): AsyncGenerator<Trial> {
    const span = trainingSpan(train);
    for (let halvings = 0; halvings < 12; halvings++) {
      const halfLife = span / 2 ** halvings;
      yield { settings: { halfLife }, scorer: fitRecentPopularity(train, items, halfLife) };
    }
  },
  async *itemKnn(train: Sequences, items: number): AsyncGenerator<Trial> {
    const asked = [[50, 10] as const, [200, 10] as const, [200, 100] as const];
    const possible = asked.map(([neighbours, shrinkage]) => [neighboursWithin(neighbours, items), shrinkage] as const);
    const same = (i: number) => possible[i]!.every((value, j) => value === possible[i - 1]?.[j]);
    for (const [neighbours, shrinkage] of possible.filter((_, i) => !same(i))) {
      const votes = fitItemKnn(train, items, { neighbours, shrinkage });
      for (const recency of RECENCIES) {
        yield { settings: { neighbours, shrinkage, recency }, scorer: itemKnnScorer(votes, train, items, recency) };
      }
    }
  },
  async *ease(train: Sequences, items: number): AsyncGenerator<Trial> {
    for (const regularisation of [50, 200, 1000]) {
      const weights = await fitEase(train, items, { regularisation });
      for (const recency of RECENCIES) {
        yield { settings: { regularisation, recency }, scorer: easeScorer(weights, train, items, recency) };
      }
    }
  },
};

export type BaselineName = keyof typeof TRIALS;
export const BASELINE_NAMES = Object.keys(TRIALS) as readonly BaselineName[];

export type ItemItemName = 'itemKnn' | 'ease';

export interface FittedBaseline<Name extends BaselineName = ItemItemName> {
  readonly name: Name;
  readonly settings: Readonly<Record<string, number>>;
  readonly scorer: Scorer;
}

export interface TunedBaseline extends FittedBaseline<BaselineName> {
  /** Settings tried. */
  readonly trials: number;
  /** NDCG@10 of validation, of the settings that won. */
  readonly validNdcg: number;
}

/** Fits an item-item baseline with settings that `tuneBaseline` found, on other interactions. */
export async function fitItemItem(
  name: ItemItemName,
  settings: TunedBaseline['settings'],
  train: Sequences,
  items: number,
): Promise<FittedBaseline> {
  const { neighbours, shrinkage, regularisation, recency } = settings;
  const scorer =
    name === 'ease'
      ? easeScorer(await fitEase(train, items, { regularisation: regularisation! }), train, items, recency!)
      : itemKnnScorer(
          fitItemKnn(train, items, { neighbours: neighbours!, shrinkage: shrinkage! }),
          train,
          items,
          recency!,
        );
  return { name, settings, scorer };
}

/** What baselines are tuned by. */
export interface TuningBasis {
  /** [items] 1 for the items that are ranked. Default: all. */
  readonly candidates?: Uint8Array | undefined;
  /** Codes of the users who validate. Default: all. */
  readonly validUsers?: Int32Array | undefined;
}

/** `tuneBaseline` on one split, each baseline but once. */
export function baselineTuner(
  splits: InteractionSplits,
  basis: TuningBasis = {},
): (name: BaselineName) => Promise<TunedBaseline> {
  const tuned = new Map<BaselineName, Promise<TunedBaseline>>();
  return (name) => {
    const known = tuned.get(name) ?? tuneBaseline(name, splits, basis);
    tuned.set(name, known);
    return known;
  };
}

/**
 * Fits a baseline to the training part with each of its settings, and keeps what is best in NDCG@10 of validation.
 * @throws BASELINE_NEEDS_TIMES, BASELINE_TOO_LARGE
 */
export async function tuneBaseline(
  name: BaselineName,
  splits: InteractionSplits,
  { candidates, validUsers }: TuningBasis = {},
): Promise<TunedBaseline> {
  const items = splits.items.length;
  let best: TunedBaseline | undefined;
  let trials = 0;
  for await (const { settings, scorer } of TRIALS[name](splits.train, items)) {
    trials += 1;
    const asked = { part: 'valid', candidates, users: validUsers, k: 0 } as const;
    const { targets } = await rankHeldOut(inBatches(scorer, items), splits, asked);
    const validNdcg = mean(metricPerUser(targets, RANK_METRICS.ndcg, 10));
    if (best === undefined || validNdcg > best.validNdcg) best = { name, settings, trials, validNdcg, scorer };
  }
  return { ...best!, trials };
}
