import { type InteractionSplits, itemsMet, type Sequences } from '../data/interactions/interaction-splits.js';
import { pairedGain } from '../evaluation/paired-gain.js';
import { MOST_EASE_ITEMS } from './baselines/ease.js';
import type { ItemWords } from './baselines/item-words.js';
import { type baselineTuner, type FittedBaseline, fitItemItem } from './baselines/tune-baseline.js';
import { ownVotes, withBorrowedVotes } from './borrowed-votes.js';
import { borrowingGains } from './borrowing.js';
import { type Choice, choose } from './choices.js';
import type { FitHooks } from './fit-events.js';
import type { FitPlan } from './fit-options.js';
import { type ItemItemModel, itemItemModel, itemItemScorer } from './item-item-model.js';
import { chooseLikeness, likenessOf } from './likeness.js';
import type { RankingTask } from './measure-ranking.js';
import { chooseMixture } from './mixture.js';
import { type Recommender, recommenderScorer } from './recommender.js';
import { sasRecScorer } from './sequential/sasrec.js';
import type { SasRec } from './sequential/sasrec-model.js';
import type { ItemFeatures } from './sequential/sasrec-options.js';
import { chooseTrend, trendOf } from './trend.js';

/** A recommender, and the baseline whose votes are mixed in. */
export interface Mixed {
  readonly recommender: Recommender;
  readonly itemItem: Omit<FittedBaseline, 'scorer'> | undefined;
  readonly choices: readonly Choice[];
  readonly words: ItemWords | undefined;
}

export interface MixInputs {
  /** Told of the words, if there are any. */
  readonly tune: ReturnType<typeof baselineTuner>;
  /** The features that votes are borrowed by. */
  readonly texts: ItemFeatures | undefined;
  readonly words?: ItemWords | undefined;
}

type MixOptions = Pick<FitPlan, 'itemItem' | 'likeness' | 'trend' | 'split' | 'threads' | 'seed'>;

/**
 * Tunes the item-item models, and how much each counts beside the network. One is mixed in, and the other in its place, only
 * where validation says so by more than a standard error. Items that nobody met then borrow votes by their texts, and EASE with
 * texts speaks for them by their words, where that is worth as much.
 */
export async function mixIn(
  task: RankingTask,
  model: SasRec,
  { tune, texts, words }: MixInputs,
  { itemItem: wanted, likeness, trend, split, threads, seed }: MixOptions,
  hooks: FitHooks,
): Promise<Mixed> {
  const alone: Recommender = { items: task.splits.items, network: model, itemItem: undefined };
  const choices: Choice[] = [];
  const items = task.splits.items.length;
  const network = await sasRecScorer(model, { threads });
  let best: Pick<Mixed, 'recommender' | 'itemItem'> & { readonly perUser?: Float64Array } = {
    recommender: alone,
    itemItem: undefined,
  };
  try {
    for (const name of wanted ? ITEM_ITEM : []) {
      if (hooks.signal?.aborted) break;
      if (name !== 'itemKnn' && items > MOST_EASE_ITEMS) continue;
      if (name === 'easeTexts' && words === undefined) continue;
      hooks.onEvent?.({ event: 'stage', text: `fitting ${TITLES[name]}` });
      const baseline = await tune(name);
      const votes = itemItemModel(baseline, items);
      const mixed = await chooseMixture(network.score, itemItemScorer(votes), task.splits, task);
      const { settings: mixture, validNdcg, perUser, alonePerUser } = mixed;
      hooks.onEvent?.({ event: 'mixture', itemItem: name, itemItemNdcg: baseline.validNdcg, ...mixture, validNdcg });
      const kept = choose(choices, name, pairedGain(perUser, best.perUser ?? alonePerUser), hooks);
      if (!kept || mixture.weight === 0) continue;
      const recommender = { ...alone, itemItem: { model: votes, mixture, borrows: false } };
      best = { recommender, itemItem: { name, settings: baseline.settings }, perUser };
    }
  } finally {
    await network.release();
  }
  const { itemItem } = best;
  const liked = likeness ? await likenessFor(task, best.recommender, threads) : undefined;
  const likes = liked !== undefined && choose(choices, 'likeness', liked.gain, hooks);
  const liking = likes ? { ...best.recommender, likeness: liked.likeness } : best.recommender;
  // a user's last item of a leave-one-out split lies at any time: there nothing tells what lately would be
  const follows = trend && split === 'time' ? await trendFor(task, liking, threads) : undefined;
  const trending = follows !== undefined && choose(choices, 'trend', follows.gain, hooks);
  const recommender = trending ? { ...liking, trend: follows.trend } : liking;
  const features = model.inputs.features ?? texts;
  if (recommender.itemItem === undefined || features === undefined) return { recommender, itemItem, choices, words };
  const refit =
    itemItem?.name === 'easeTexts'
      ? async (train: Sequences) =>
          itemItemModel(await fitItemItem('easeTexts', itemItem.settings, train, items, words), items)
      : undefined;
  const gains = await borrowingGains(task, recommender, features, { threads, seed, refit });
  const borrows = gains !== undefined && choose(choices, 'borrowedVotes', gains.borrowed, hooks);
  const wordVotes = gains?.words !== undefined && choose(choices, 'wordVotes', gains.words, hooks);
  const borrowing = {
    ...recommender,
    itemItem: { ...recommender.itemItem, borrows, wordVotes },
  };
  return { recommender: await withLenders(borrowing, task.splits, texts, threads), itemItem, choices, words };
}

/** What likeness to the latest items' texts gives a recommender that reads texts. */
async function likenessFor(task: RankingTask, recommender: Recommender, threads: number | undefined) {
  const { features } = recommender.network.inputs;
  if (features === undefined) return undefined;
  const scorer = await recommenderScorer(recommender, { threads });
  try {
    const chosen = await chooseLikeness(scorer.score, features, task, { threads });
    return chosen && { likeness: likenessOf(features, chosen.settings), gain: chosen.gain };
  } finally {
    await scorer.release();
  }
}

/** What being popular lately gives. */
async function trendFor(task: RankingTask, recommender: Recommender, threads: number | undefined) {
  const scorer = await recommenderScorer(recommender, { threads });
  try {
    const chosen = await chooseTrend(scorer.score, task);
    const { train, items } = task.splits;
    return chosen && { trend: trendOf(train, items.length, chosen.settings), gain: chosen.gain };
  } finally {
    await scorer.release();
  }
}

/**
 * The same mixture around a network that learned from more: the item-item model is fitted to the training part of other
 * splits, its settings, weight and floor stay.
 */
export async function mixInAgain(
  splits: InteractionSplits,
  model: SasRec,
  { recommender, itemItem, words }: Omit<Mixed, 'choices'>,
  texts: ItemFeatures | undefined,
  { threads }: MixOptions,
  hooks: FitHooks,
): Promise<Recommender> {
  const { likeness } = recommender; // the texts are the same
  const trend = recommender.trend && trendOf(splits.train, splits.items.length, recommender.trend);
  const alone: Recommender = {
    items: splits.items,
    network: model,
    itemItem: undefined,
    ...(likeness && { likeness }),
    ...(trend && { trend }),
  };
  if (itemItem === undefined) return alone;
  hooks.onEvent?.({ event: 'stage', text: `fitting ${TITLES[itemItem.name]} to all interactions` });
  const fitted = await fitItemItem(itemItem.name, itemItem.settings, splits.train, splits.items.length, words);
  const votes: ItemItemModel = itemItemModel(fitted, splits.items.length);
  const mixed = { ...alone, itemItem: { ...recommender.itemItem!, model: votes } };
  return withLenders(mixed, splits, texts, threads);
}

const ITEM_ITEM = ['ease', 'easeTexts', 'itemKnn'] as const;
const TITLES = { ease: 'EASE', easeTexts: 'EASE with texts', itemKnn: 'item neighbours' } as const;

async function withLenders(
  recommender: Recommender,
  splits: InteractionSplits,
  texts: ItemFeatures | undefined,
  threads: number | undefined,
): Promise<Recommender> {
  const { itemItem, network } = recommender;
  const features = network.inputs.features ?? texts;
  if (itemItem === undefined || features === undefined) return recommender;
  const met = itemsMet(splits);
  const told = itemItem.wordVotes ? itemItem.model : ownVotes(itemItem.model, met);
  const model = itemItem.borrows ? await withBorrowedVotes(told, features, met, { threads }) : told;
  return { ...recommender, itemItem: { ...itemItem, model } };
}
