import { type InteractionSplits, itemsMet } from '../data/interactions/interaction-splits.js';
import { MOST_EASE_ITEMS } from './baselines/ease.js';
import { type baselineTuner, type FittedBaseline, fitItemItem } from './baselines/tune-baseline.js';
import { withBorrowedVotes } from './borrowed-votes.js';
import type { FitHooks } from './fit-events.js';
import type { FitPlan } from './fit-options.js';
import { type ItemItemModel, itemItemModel, itemItemScorer } from './item-item-model.js';
import type { RankingTask } from './measure-ranking.js';
import { chooseMixture } from './mixture.js';
import type { Recommender } from './recommender.js';
import { sasRecScorer } from './sequential/sasrec.js';
import type { SasRec } from './sequential/sasrec-model.js';
import type { ItemFeatures } from './sequential/sasrec-options.js';

/** A recommender, and the baseline whose votes are mixed in. */
export interface Mixed {
  readonly recommender: Recommender;
  readonly itemItem: Omit<FittedBaseline, 'scorer'> | undefined;
}

type MixOptions = Pick<FitPlan, 'itemItem' | 'threads'>;

/**
 * Tunes the item-item models, and how much each counts beside the network; keeps the mixture that validates best. Items
 * that nobody met then borrow votes by their texts.
 */
export async function mixIn(
  task: RankingTask,
  model: SasRec,
  { tune, texts }: { readonly tune: ReturnType<typeof baselineTuner>; readonly texts: ItemFeatures | undefined },
  { itemItem: wanted, threads }: MixOptions,
  hooks: FitHooks,
): Promise<Mixed> {
  const alone: Recommender = { items: task.splits.items, network: model, itemItem: undefined };
  if (!wanted) return { recommender: alone, itemItem: undefined };
  const items = task.splits.items.length;
  const network = await sasRecScorer(model, { threads });
  let best: Mixed & { readonly validNdcg: number } = {
    recommender: alone,
    itemItem: undefined,
    validNdcg: Number.NEGATIVE_INFINITY,
  };
  try {
    for (const name of ['ease', 'itemKnn'] as const) {
      if (hooks.signal?.aborted) break;
      if (name === 'ease' && items > MOST_EASE_ITEMS) continue;
      hooks.onEvent?.({ event: 'stage', text: `fitting ${TITLES[name]}` });
      const baseline = await tune(name);
      const votes = itemItemModel(baseline, items);
      const { settings: mixture, validNdcg } = await chooseMixture(
        network.score,
        itemItemScorer(votes),
        task.splits,
        task,
      );
      hooks.onEvent?.({ event: 'mixture', itemItem: name, itemItemNdcg: baseline.validNdcg, ...mixture, validNdcg });
      if (mixture.weight === 0 || validNdcg <= best.validNdcg) continue;
      const recommender = { ...alone, itemItem: { model: votes, mixture } };
      best = { recommender, itemItem: { name, settings: baseline.settings }, validNdcg };
    }
  } finally {
    await network.release();
  }
  const { recommender, itemItem } = best;
  return { recommender: await withLenders(recommender, task.splits, texts, threads), itemItem };
}

/**
 * The same mixture around a network that learned from more: the item-item model is fitted to the training part of other
 * splits, its settings, weight and floor stay.
 */
export async function mixInAgain(
  splits: InteractionSplits,
  model: SasRec,
  { recommender, itemItem }: Mixed,
  texts: ItemFeatures | undefined,
  { threads }: MixOptions,
  hooks: FitHooks,
): Promise<Recommender> {
  const alone: Recommender = { items: splits.items, network: model, itemItem: undefined };
  if (itemItem === undefined) return alone;
  hooks.onEvent?.({ event: 'stage', text: `fitting ${TITLES[itemItem.name]} to all interactions` });
  const fitted = await fitItemItem(itemItem.name, itemItem.settings, splits.train, splits.items.length);
  const votes: ItemItemModel = itemItemModel(fitted, splits.items.length);
  const mixed = { ...alone, itemItem: { model: votes, mixture: recommender.itemItem!.mixture } };
  return withLenders(mixed, splits, texts, threads);
}

const TITLES = { ease: 'EASE', itemKnn: 'item neighbours' } as const;

async function withLenders(
  recommender: Recommender,
  splits: InteractionSplits,
  texts: ItemFeatures | undefined,
  threads: number | undefined,
): Promise<Recommender> {
  const { itemItem, network } = recommender;
  const features = network.inputs.features ?? texts;
  if (itemItem === undefined || features === undefined) return recommender;
  const model = await withBorrowedVotes(itemItem.model, features, itemsMet(splits), { threads });
  return { ...recommender, itemItem: { ...itemItem, model } };
}
