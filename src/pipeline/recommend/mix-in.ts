import { itemsMet } from '../../data/interactions/interaction-splits.js';
import { MOST_EASE_ITEMS } from '../../recommend/baselines/ease.js';
import type { baselineTuner } from '../../recommend/baselines/tune-baseline.js';
import { withBorrowedVotes } from '../../recommend/borrowed-votes.js';
import { itemItemModel, itemItemScorer } from '../../recommend/item-item-model.js';
import { chooseMixture } from '../../recommend/mixture.js';
import type { Recommender } from '../../recommend/recommender.js';
import type { FittedSasRec } from '../../recommend/sequential/fit-sasrec.js';
import { sasRecScorer } from '../../recommend/sequential/sasrec.js';
import type { ItemFeatures } from '../../recommend/sequential/sasrec-options.js';
import type { FitHooks } from './fit-events.js';
import { RECOMMEND_DEFAULTS, type RecommendOptions } from './fit-options.js';
import type { RankingTask } from './measure-ranking.js';

/**
 * Tunes the item-item models, and how much each counts beside the network; keeps the mixture that validates best. Items
 * that nobody met then borrow votes by their texts.
 */
export async function mixIn(
  task: RankingTask,
  fitted: FittedSasRec,
  { tune, texts }: { readonly tune: ReturnType<typeof baselineTuner>; readonly texts: ItemFeatures | undefined },
  { itemItem: wanted = RECOMMEND_DEFAULTS.itemItem, threads }: Pick<RecommendOptions, 'itemItem' | 'threads'>,
  hooks: FitHooks,
): Promise<Recommender> {
  const alone: Recommender = { items: task.splits.items, network: fitted.model, itemItem: undefined };
  if (!wanted) return alone;
  const items = task.splits.items.length;
  const network = await sasRecScorer(fitted.model, { threads });
  let best = { recommender: alone, validNdcg: Number.NEGATIVE_INFINITY };
  try {
    for (const name of ['ease', 'itemKnn'] as const) {
      if (hooks.signal?.aborted) break;
      if (name === 'ease' && items > MOST_EASE_ITEMS) continue;
      hooks.onEvent?.({ event: 'stage', text: `fitting ${name === 'ease' ? 'EASE' : 'item neighbours'}` });
      const baseline = await tune(name);
      const model = itemItemModel(baseline, items);
      const { settings: mixture, validNdcg } = await chooseMixture(
        network.score,
        itemItemScorer(model),
        task.splits,
        task,
      );
      hooks.onEvent?.({ event: 'mixture', itemItem: name, itemItemNdcg: baseline.validNdcg, ...mixture, validNdcg });
      if (mixture.weight === 0 || validNdcg <= best.validNdcg) continue;
      best = { recommender: { ...alone, itemItem: { model, mixture } }, validNdcg };
    }
    const { itemItem } = best.recommender;
    const features = fitted.model.inputs.features ?? texts;
    if (itemItem === undefined || features === undefined) return best.recommender;
    const model = await withBorrowedVotes(itemItem.model, features, itemsMet(task.splits), { threads });
    return { ...best.recommender, itemItem: { ...itemItem, model } };
  } finally {
    await network.release();
  }
}
