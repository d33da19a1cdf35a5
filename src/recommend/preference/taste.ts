import { countBefore, type KnownAnswers } from './known-answers.js';
import type { PreferenceRow } from './preference-rows.js';

/** What is known of a user at a time: everything that is said of him is made of this. */
export interface Taste {
  readonly user: string;
  readonly time: number;
  /** Items that he liked and did not like, the oldest first. */
  readonly liked: readonly string[];
  readonly disliked: readonly string[];
  /** His answers, the oldest first, as far as both kinds are known: likes alone say nothing of his share of likes. */
  readonly answers: {
    readonly count: number;
    readonly likes: number;
    readonly recentCount: number;
    readonly recentLikes: number;
  };
}

/** Answers that count as recent. */
const RECENT = 10;
/** Items of a history that are told at most. */
const HISTORY = 200;

/** An answer that came after those that are known. */
export interface LaterAnswer {
  readonly item: string;
  readonly liked: boolean;
}

/** A taste with answers that came later, the oldest first. */
export function tasteAfter(taste: Taste, later: readonly LaterAnswer[], known: KnownAnswers): Taste {
  const answers = known.ofUser(taste.user);
  const before = answers.liked.subarray(0, countBefore(answers, taste.time));
  const all = [...before, ...later.map(({ liked }) => Number(liked))];
  const recent = all.slice(-RECENT);
  const count = (likes: readonly number[]) => likes.reduce((sum, like) => sum + like, 0);
  const ofKind = (kind: boolean) => later.flatMap(({ item, liked }) => (liked === kind ? [item] : []));
  return {
    ...taste,
    liked: [...taste.liked, ...ofKind(true)].slice(-HISTORY),
    disliked: [...taste.disliked, ...ofKind(false)].slice(-HISTORY),
    answers: {
      ...{ count: all.length, likes: count(all) },
      ...{ recentCount: recent.length, recentLikes: count(recent) },
    },
  };
}

/**
 * The taste of a row's user at the row's time. What the row itself gives goes before what is known: its history, and its
 * dislikes; a history without dislikes beside it does not change the user's share of likes.
 */
export function tasteOf(
  { user, time, history, disliked }: Pick<PreferenceRow, 'user' | 'time' | 'history' | 'disliked'>,
  known: KnownAnswers,
): Taste {
  const answers = known.ofUser(user);
  const before = countBefore(answers, time);
  const earlier = (like: number) => {
    const items: string[] = [];
    for (let n = before - 1; n >= 0 && items.length < HISTORY; n--) {
      if (answers.liked[n] === like) items.push(answers.others[n]!);
    }
    return items.reverse();
  };
  const told = history !== undefined && disliked !== undefined;
  const recent = Math.max(0, before - RECENT);
  return {
    user,
    time,
    liked: history?.slice(-HISTORY) ?? earlier(1),
    disliked: disliked?.slice(-HISTORY) ?? earlier(0),
    answers: told
      ? bothTold(history.length, disliked.length)
      : {
          count: before,
          likes: answers.likes[before]!,
          recentCount: before - recent,
          recentLikes: answers.likes[before]! - answers.likes[recent]!,
        },
  };
}

const bothTold = (likes: number, dislikes: number) => ({
  ...{ count: likes + dislikes, likes },
  ...{ recentCount: likes + dislikes, recentLikes: likes },
});
