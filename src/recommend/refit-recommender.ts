import { nothingHeldOut } from '../data/interactions/interaction-splits.js';
import type { FitHooks } from './fit-events.js';
import type { FitPlan } from './fit-options.js';
import { type Mixed, mixInAgain } from './mix-in.js';
import { readUsers } from './read-users.js';
import type { RecommendData } from './recommend-data.js';
import type { Recommender } from './recommender.js';
import { type Known, retrainNetwork, type TrainedNetwork } from './train-networks.js';

/** A recommender that has learned from every interaction: it serves, and nothing is left to judge it by. */
export interface RefittedRecommender {
  readonly recommender: Recommender;
  readonly epochs: number;
  readonly interactions: number;
  readonly seconds: number;
}

/**
 * Learns once more from all interactions, with what validation chose: texts and users' tokens or not, the epochs of the
 * network along their schedule, the item-item model's settings, and how much it counts. The network starts anew.
 * @param items code → id, those that only the items' table knows at the end
 * @returns undefined where interrupted
 */
export async function refitRecommender(
  { data }: Pick<RecommendData, 'data'>,
  items: readonly string[],
  { trained, mixed }: { readonly trained: TrainedNetwork; readonly mixed: Mixed },
  { reader, frozen }: Omit<Known, 'users'>,
  options: FitPlan,
  hooks: FitHooks,
): Promise<RefittedRecommender | undefined> {
  const started = performance.now();
  const splits = { ...nothingHeldOut(data), items };
  const interactions = data.user.length;
  hooks.onEvent?.({
    event: 'stage',
    text: `learning from all ${interactions} interactions for ${trained.bestEpoch} epochs, to serve`,
  });
  const users = trained.withUsers ? (await readUsers(splits, options))?.inputs : undefined;
  const known = { reader: trained.withText ? reader : undefined, users, frozen };
  const { ended, model } = await retrainNetwork(splits, trained, known, options, hooks);
  if (ended === 'interrupted') return undefined;
  const recommender = await mixInAgain(splits, model, mixed, reader?.features, options, hooks);
  if (hooks.signal?.aborted) return undefined;
  const seconds = (performance.now() - started) / 1000;
  return { recommender, epochs: trained.bestEpoch, interactions, seconds };
}
