import { POPULARITY_GROUPS, popularityGroups } from '../evaluation/ranking/popularity-groups.js';
import { bestItems } from '../evaluation/ranking/top-items.js';
import { askedHistory } from './recommend-request.js';
import type { OpenRecommender } from './recommender-handle.js';

const PENALTIES = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.25, 1.5];
/** People whose lists are looked at, at even distances. */
const MOST_ASKED = 100;
const K = 10;

/** [I] what a penalty takes off: penalty · log(interactions + 1). */
export function penaltyOf(open: OpenRecommender, penalty: number): Float32Array {
  return countsOf(open).map((count) => -penalty * Math.log(count + 1));
}

function countsOf({ saved }: OpenRecommender): Float32Array {
  const { counts, popularity } = saved.recommender.network;
  return counts ?? popularity;
}

const known = new WeakMap<OpenRecommender, Promise<number>>();

/**
 * The least penalty with which lists hold no larger a share of popular items (see `popularityGroups`) than what people chose;
 * the largest that was tried where none does. 0 where the folder keeps nobody.
 */
export function calibratedPenalty(open: OpenRecommender): Promise<number> {
  const found = known.get(open) ?? calibrate(open);
  known.set(open, found);
  return found;
}

async function calibrate(open: OpenRecommender): Promise<number> {
  const { saved, served } = open;
  const { users, histories } = saved;
  const some = users.length;
  if (some === 0) return 0;
  const popular = POPULARITY_GROUPS.indexOf('popular');
  const groups = popularityGroups(Int32Array.from(countsOf(open)));
  const isPopular = (item: number) => (groups[item] === popular ? 1 : 0);
  const chosen = histories.items.reduce((sum, item) => sum + isPopular(item), 0) / histories.items.length;
  const asked = Array.from({ length: Math.min(some, MOST_ASKED) }, (_, i) =>
    Math.floor((i * some) / Math.min(some, MOST_ASKED)),
  );
  const terms = PENALTIES.map((penalty) => penaltyOf(open, penalty));
  const shares = new Float64Array(PENALTIES.length);
  let lists = 0;
  for (const user of asked) {
    const history = askedHistory(open, user);
    if (history.length === 0) continue;
    lists += 1;
    const scores = await served.score(Int32Array.of(user), [history]);
    for (let item = 0; item < served.items; item++) if (served.known[item] === 0) scores[item] = -Infinity;
    for (const item of history) scores[item] = -Infinity;
    for (const [p, term] of terms.entries()) {
      const best = bestItems(
        scores.map((score, item) => score + term[item]!),
        K,
      );
      shares[p]! += best.reduce((sum, item) => sum + isPopular(item), 0) / Math.max(1, best.length);
    }
  }
  const enough = PENALTIES.findIndex((_, p) => lists === 0 || shares[p]! / lists <= chosen);
  return PENALTIES[enough] ?? PENALTIES.at(-1)!;
}
