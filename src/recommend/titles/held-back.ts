import { type InteractionSplits, sequenceOf } from '../../data/interactions/interaction-splits.js';
import { SoftpromptError } from '../../errors.js';
import { hideItems } from '../../evaluation/ranking/target-ranks.js';
import { bestItems } from '../../evaluation/ranking/top-items.js';
import type { LoadModelOptions } from '../../network/load-model.js';
import { type Closable, closable } from '../../runtime/closable.js';
import { checkSameData } from '../check-same-data.js';
import { fitPlan } from '../fit-options.js';
import { optionsOfFit } from '../kept-options.js';
import { openRecommender } from '../open-recommender.js';
import { historyBefore } from '../rank-held-out.js';
import { rankingTask } from '../ranking-task.js';
import { loadRecommendData } from '../recommend-data.js';
import { requireHeldOut } from '../require-held-out.js';
import { rowsAtOnce } from '../scorer.js';
import { titledItems } from './titled-items.js';

/** What a recommender, which has not seen what came next, says to a user's history. */
export interface HeldBackCase {
  /** Titled items, the oldest first. */
  readonly history: readonly number[];
  /** Its best items, best first. */
  readonly best: Int32Array;
  /** [best] */
  readonly scores: Float64Array;
  /** The place of what came next among the best, −1 where it is not there. */
  readonly target: number;
}

/** A recommender beside what is held back from its network: the validation part of its own interactions. */
export interface HeldBack extends Closable {
  readonly splits: InteractionSplits;
  /** Code → title, empty where there is none. */
  readonly titles: readonly string[];
  /** Users with a title in their history and something that validates. */
  readonly users: readonly number[];
  /** One a user, in their order; the recommender is asked about many at once. */
  cases(
    users: readonly number[],
    most: { readonly items: number; readonly history: number },
  ): AsyncGenerator<HeldBackCase, void>;
}

/**
 * Opens a recommender by the network that has seen the training part alone; the interactions are read again from where `fit`
 * read them.
 * @param what is chosen by the users, for the error where there are none
 * @throws RUN_DATA_CHANGED where the data are not those of the fit, RECOMMEND_DATA where no user can be asked, and the errors
 * of openRecommender and requireHeldOut
 */
export async function openHeldBack(
  folder: string,
  what: string,
  options: LoadModelOptions & { readonly threads?: number | undefined; readonly titleColumn?: string | undefined },
): Promise<HeldBack> {
  const { cacheFolder, hub, threads, titleColumn } = options;
  const open = await openRecommender(folder, { cacheFolder, hub, threads, network: 'held-out' });
  try {
    requireHeldOut(open.saved, folder, what);
    const fitted = fitPlan(optionsOfFit(open.saved));
    const data = await loadRecommendData(fitted);
    const task = rankingTask(data, fitted);
    checkSameData(folder, open.saved, task, data.data);
    const { splits } = task;
    const { items: ids } = open.saved.recommender;
    const { titles } = titledItems(ids, open.saved.itemColumns, titleColumn);
    const isTitled = (item: number) => titles[item] !== '';
    const users = [...splits.users.keys()].filter(
      (user) => sequenceOf(splits.valid, user).length > 0 && historyBefore(splits, 'valid', user).some(isTitled),
    );
    if (users.length === 0) {
      throw new SoftpromptError('RECOMMEND_DATA', {
        found: 'No validation user whose history has a title',
        expected: 'users to choose by',
        fix: 'Name the column of the title (--title-column), or give a weight (--rerank-weight).',
      });
    }
    const unknown = Int32Array.from(ids.keys()).filter((item) => open.served.known[item] === 0);
    const caseOf = (user: number, scores: Float32Array, most: { items: number; history: number }): HeldBackCase => {
      const history = historyBefore(splits, 'valid', user);
      const [target] = sequenceOf(splits.valid, user);
      hideItems(scores, unknown, new Int32Array(0));
      hideItems(scores, history, Int32Array.of(target!));
      const best = bestItems(scores, most.items);
      return {
        history: [...history].filter(isTitled).slice(-most.history),
        best,
        scores: Float64Array.from(best, (item) => scores[item]!),
        target: best.indexOf(target!),
      };
    };
    const cases: HeldBack['cases'] = async function* (asked, most) {
      const atOnce = rowsAtOnce(ids.length);
      for (let start = 0; start < asked.length; start += atOnce) {
        const block = asked.slice(start, start + atOnce);
        const histories = block.map((user) => historyBefore(splits, 'valid', user));
        const scores = await open.served.score(Int32Array.from(block), histories);
        for (const [row, user] of block.entries()) {
          yield caseOf(user, scores.subarray(row * ids.length, (row + 1) * ids.length), most);
        }
      }
    };
    return { splits, titles, users, cases, ...closable(() => open.close()) };
  } catch (error) {
    await open.close();
    throw error;
  }
}

/**
 * A prompt that was learned with a recommender's scores has seen every second of these users; the others judge it.
 * @param half 0: learned from, 1: judged by
 */
export const halfOf = (users: readonly number[], half: 0 | 1): number[] =>
  users.length < 2 ? [...users] : users.filter((_, place) => place % 2 === half);
