import type { InteractionSplits, Sequences } from '../../data/interactions/interaction-splits.js';
import { mean, metricPerUser, RANK_METRICS } from '../../evaluation/ranking/ranking-metrics.js';
import { rankHeldOut } from '../rank-held-out.js';
import { inBatches, type Scorer } from '../scorer.js';
import type { BaselineName } from './baseline-names.js';
import { climb } from './climb.js';
import { easeScorer, fitEase, MOST_EASE_ITEMS } from './ease.js';
import { fitIals, ialsScorer } from './ials.js';
import { fitItemKnn, itemKnnScorer, neighboursWithin } from './item-knn.js';
import type { ItemWords } from './item-words.js';
import { fitPopularity, fitRecentPopularity, trainingSpan } from './popularity.js';

type Settings = Readonly<Record<string, number>>;

/** What a search is given. */
interface Search {
  readonly train: Sequences;
  readonly items: number;
  readonly words: ItemWords | undefined;
  /** NDCG@10 of validation, of a baseline with one choice of its settings. */
  measure(settings: Settings, scorer: Scorer): Promise<number>;
}

const RECENCIES = [0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9, 0.95, 1];
const FIRST_RECENCIES = [1, 0.9, 0.7, 0.4];
/** From 1 to 10,000, and an end beyond. */
const REGULARISATIONS = [0.3, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000];
const TEXT_WEIGHTS = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000];
const NEIGHBOURS = [5, 10, 20, 50, 100, 200, 400, 800, 1600];
const SHRINKAGES = [0, 1, 3, 10, 30, 100, 300, 1000, 3000];
const UNOBSERVED_WEIGHTS = [3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1, 3];
const IALS_REGULARISATIONS = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1];

/**
 * How the settings of each baseline are searched: from a few of a list outwards and between, until what is best has
 * neighbours on both sides that are worse.
 */
const SEARCHES = {
  async popularity({ train, items, measure }: Search) {
    await measure({}, fitPopularity(train, items));
  },
  async recentPopularity({ train, items, measure }: Search) {
    const span = trainingSpan(train);
    const halvings = Array.from({ length: 24 }, (_, i) => i);
    await climb(halvings, halvings.slice(0, 12), (n) => {
      const halfLife = span / 2 ** n;
      return measure({ halfLife }, fitRecentPopularity(train, items, halfLife));
    });
  },
  async itemKnn({ train, items, measure }: Search) {
    const known = new Map<string, number>();
    const withBoth = async (asked: number, shrinkage: number) => {
      const neighbours = neighboursWithin(asked, items);
      const key = `${neighbours} ${shrinkage}`;
      if (!known.has(key)) {
        const votes = fitItemKnn(train, items, { neighbours, shrinkage });
        const best = await overRecencies((recency) =>
          measure({ neighbours, shrinkage, recency }, itemKnnScorer(votes, train, items, recency)),
        );
        known.set(key, best);
      }
      return known.get(key)!;
    };
    // a fit to a large catalogue takes minutes: there the first choices have to do
    const wide = items <= MOST_EASE_ITEMS;
    const search = (values: readonly number[], starts: readonly number[], score: (value: number) => Promise<number>) =>
      climb(wide ? values : starts, starts, score);
    const first = await search(NEIGHBOURS, [50, 200], (neighbours) => withBoth(neighbours, 10));
    const best = await search(SHRINKAGES, [10, 100], (shrinkage) => withBoth(first.value, shrinkage));
    if (wide) await climb(NEIGHBOURS, [first.value], (neighbours) => withBoth(neighbours, best.value));
  },
  async ease({ train, items, measure }: Search) {
    await climb(REGULARISATIONS, [10, 100, 1000], async (regularisation) => {
      const weights = await fitEase(train, items, { regularisation });
      return overRecencies((recency) =>
        measure({ regularisation, recency }, easeScorer(weights, train, items, recency)),
      );
    });
  },
  async easeTexts({ train, items, words, measure }: Search) {
    if (words === undefined) throw new RangeError('EASE with texts needs the items’ words');
    const withBoth = async (textWeight: number, regularisation: number) => {
      const texts = { words, weight: textWeight };
      const weights = await fitEase(train, items, { regularisation, texts });
      return overRecencies((recency) =>
        measure({ textWeight, regularisation, recency }, easeScorer(weights, train, items, recency)),
      );
    };
    const first = await climb(TEXT_WEIGHTS, [1, 10], (weight) => withBoth(weight, 100));
    await climb(REGULARISATIONS, [100], (regularisation) => withBoth(first.value, regularisation));
  },
  async ials({ train, items, measure }: Search) {
    const withBoth = async (unobservedWeight: number, regularisation: number) => {
      const settings = { unobservedWeight, regularisation };
      const model = await fitIals(train, items, settings);
      return overRecencies((recency) => measure({ ...settings, recency }, ialsScorer(model, train, items, recency)));
    };
    const first = await climb(UNOBSERVED_WEIGHTS, [0.01, 0.1, 1], (weight) => withBoth(weight, 0.003));
    await climb(IALS_REGULARISATIONS, [0.003], (regularisation) => withBoth(first.value, regularisation));
  },
} satisfies Record<BaselineName, (search: Search) => Promise<void>>;

async function overRecencies(measure: (recency: number) => Promise<number>): Promise<number> {
  return (await climb(RECENCIES, FIRST_RECENCIES, measure)).score;
}

export type ItemItemName = 'itemKnn' | 'ease' | 'easeTexts';

export interface FittedBaseline<Name extends BaselineName = ItemItemName> {
  readonly name: Name;
  readonly settings: Settings;
  readonly scorer: Scorer;
}

export interface TunedBaseline extends FittedBaseline<BaselineName> {
  /** Settings tried. */
  readonly trials: number;
  /** NDCG@10 of validation, of the settings that won. */
  readonly validNdcg: number;
}

/** Fits an item-item baseline with settings that `tuneBaseline` found, on other interactions. @param words for `easeTexts` */
export async function fitItemItem(
  name: ItemItemName,
  settings: Settings,
  train: Sequences,
  items: number,
  words?: ItemWords,
): Promise<FittedBaseline> {
  const { neighbours, shrinkage, regularisation, recency, textWeight } = settings;
  if (name === 'itemKnn') {
    const votes = fitItemKnn(train, items, { neighbours: neighbours!, shrinkage: shrinkage! });
    return { name, settings, scorer: itemKnnScorer(votes, train, items, recency!) };
  }
  const texts = name === 'easeTexts' ? { words: words!, weight: textWeight! } : undefined;
  const weights = await fitEase(train, items, { regularisation: regularisation!, texts });
  return { name, settings, scorer: easeScorer(weights, train, items, recency!) };
}

/** What baselines are tuned by. */
export interface TuningBasis {
  /** [items] 1 for the items that are ranked. Default: all. */
  readonly candidates?: Uint8Array | undefined;
  /** Codes of the users who validate. Default: all. */
  readonly validUsers?: Int32Array | undefined;
  /** What the items' texts say, for `easeTexts`. */
  readonly words?: ItemWords | undefined;
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
 * Fits a baseline to the training part with ever other settings, and keeps what is best in NDCG@10 of validation.
 * @throws BASELINE_NEEDS_TIMES, BASELINE_TOO_LARGE
 */
export async function tuneBaseline(
  name: BaselineName,
  splits: InteractionSplits,
  { candidates, validUsers, words }: TuningBasis = {},
): Promise<TunedBaseline> {
  const items = splits.items.length;
  let best: Omit<TunedBaseline, 'trials'> | undefined;
  let trials = 0;
  await SEARCHES[name]({
    train: splits.train,
    items,
    words,
    measure: async (settings, scorer) => {
      trials += 1;
      const asked = { part: 'valid', candidates, users: validUsers, k: 0 } as const;
      const { targets } = await rankHeldOut(inBatches(scorer, items), splits, asked);
      const validNdcg = mean(metricPerUser(targets, RANK_METRICS.ndcg, 10));
      if (best === undefined || validNdcg > best.validNdcg) best = { name, settings, validNdcg, scorer };
      return validNdcg;
    },
  });
  return { ...best!, trials };
}
