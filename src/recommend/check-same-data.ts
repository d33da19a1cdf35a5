import type { InteractionData } from '../data/interactions/interaction-data.js';
import { orderByUser } from '../data/interactions/user-order.js';
import { SoftpromptError } from '../errors.js';
import { softpromptCommand } from '../shell-command.js';
import type { SavedRecommender } from './folder/recommender-folder.js';
import type { RankingTask } from './measure-ranking.js';

/**
 * Held-out interactions that were trained on would flatter, and codes of other data name other items: the data must be
 * that of the fit, row by row.
 * @param task, data what was read and split anew @throws RUN_DATA_CHANGED
 */
export function checkSameData(
  folder: string,
  saved: SavedRecommender,
  task: RankingTask,
  data: InteractionData,
  fix = 'Restore the files, or fit again.',
): void {
  const order = orderByUser(data);
  const histories = { offsets: order.offsets, items: order.rows.map((row) => data.item[row]!) };
  const same =
    saved.protocol === task.protocol &&
    equalValues(saved.recommender.items, task.splits.items) &&
    (saved.life?.withoutHistories ||
      (equalValues(saved.users, data.users) &&
        equalValues(saved.histories.offsets, histories.offsets) &&
        equalValues(saved.histories.items, histories.items)));
  if (same) return;
  if (saved.life?.sinceFit || saved.life?.forgotten) {
    throw new SoftpromptError('RUN_DATA_CHANGED', {
      found: `${folder} has been updated since its fit, or has forgotten people: nothing is held out from it any more`,
      expected: 'a recommender as its fit left it',
      fix: `Fit it again with what it knows now, \`${softpromptCommand('recommend', 'refit', folder)}\`, and evaluate that.`,
    });
  }
  throw new SoftpromptError('RUN_DATA_CHANGED', {
    found: `The interactions or items are not those that ${folder} was fitted to`,
    expected: 'the same users, items and interactions, in the same order',
    fix,
  });
}

export function equalValues<T>(a: ArrayLike<T>, b: ArrayLike<T>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
