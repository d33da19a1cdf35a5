import { withUnseenIds } from '../data/interactions/attribute-table.js';
import { type FitPlan, readsTexts } from './fit-options.js';
import { type HeldOutSample, sampleHeldOut } from './held-out-users.js';
import type { RankingTask } from './measure-ranking.js';
import type { RecommendData } from './recommend-data.js';

/**
 * Adds the items that only the table knows: they are no candidates of the evaluation, but can be recommended. Of many
 * users some are drawn to validate and to be tested, see `sampleHeldOut`.
 */
export function rankingTask(data: RecommendData, options: FitPlan): RankingTask {
  const known = data.splits.items.length;
  const items = data.items && readsTexts(options) ? withUnseenIds(data.splits.items, data.items) : data.splits.items;
  const candidates = Uint8Array.from(items, (_, item) => (item < known ? 1 : 0));
  const { seed, validUsers, testUsers } = options;
  const valid = sampleHeldOut(data.splits, 'valid', seed, validUsers);
  const test = sampleHeldOut(data.splits, 'test', seed, testUsers);
  const protocol = `${data.splits.protocol}; every item of the interactions is ranked, a user's history left out, ties count as misses${drawn('validate', valid)}${drawn('are tested', test)}`;
  return { splits: { ...data.splits, items }, candidates, validUsers: valid.users, testUsers: test.users, protocol };
}

const drawn = (what: string, { users, of }: HeldOutSample): string =>
  users.length === of ? '' : `; ${users.length} of ${of} users, drawn at random, ${what}`;
