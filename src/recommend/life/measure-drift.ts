import type { InteractionData } from '../../data/interactions/interaction-data.js';
import { orderByUser } from '../../data/interactions/user-order.js';
import { rankOf } from '../../evaluation/ranking/target-ranks.js';
import type { SavedRecommender } from '../folder/recommender-folder.js';
import { historyOfUser } from '../recommend-request.js';
import type { OpenRecommender } from '../recommender-handle.js';
import { rowsAtOnce } from '../scorer.js';
import { type DriftVerdict, driftVerdict } from './drift-verdict.js';

/** How a recommender does on what came after its fit. */
export interface Drift {
  /** People whose next item was asked for before it was told, since the fit, and how many found it among ten. */
  readonly judged: number;
  readonly hits: number;
  /** The same share of people at the fit, in its test. */
  readonly atFit: number | null;
  /** hits / judged − atFit, with its 95 % interval. */
  readonly difference: number | null;
  readonly interval: readonly [number, number] | null;
  /** Share of the events since the fit whose items cannot be recommended before the next one. */
  readonly waiting: number;
  readonly verdict: DriftVerdict;
}

/** People who are asked at most, at even distances. */
const MOST_ASKED = 400;
/** … of whom so many at once: more take memory and no less time. */
const ASKED_AT_ONCE = 16;
const K = 10;

/**
 * Asks the recommender, as it is, for the first new item of people it knows, before that item is told: of those who met
 * one they had not met before, and that can be recommended.
 * @param fresh each user's rows in the order of time
 */
export async function askBeforeTelling(
  open: OpenRecommender,
  fresh: InteractionData,
): Promise<{ readonly judged: number; readonly hits: number }> {
  const { served, userCodes, itemCodes } = open;
  const order = orderByUser({ ...fresh, time: undefined });
  const cases = fresh.users.flatMap((id, u) => {
    const user = userCodes.get(id);
    if (user === undefined) return [];
    const history = historyOfUser(open, user);
    const seen = new Set(history);
    for (let at = order.offsets[u]!; at < order.offsets[u + 1]!; at++) {
      const target = itemCodes.get(fresh.items[fresh.item[order.rows[at]!]!]!);
      if (target !== undefined && served.known[target] === 1 && !seen.has(target) && history.length > 0) {
        return [{ user, history, target }];
      }
    }
    return [];
  });
  const step = Math.max(1, cases.length / MOST_ASKED);
  const asked = Array.from({ length: Math.min(cases.length, MOST_ASKED) }, (_, i) => cases[Math.floor(i * step)]!);
  let hits = 0;
  const block = Math.min(ASKED_AT_ONCE, rowsAtOnce(served.items));
  for (let start = 0; start < asked.length; start += block) {
    const some = asked.slice(start, start + block);
    const scores = await served.score(
      Int32Array.from(some, ({ user }) => user),
      some.map(({ history }) => history),
    );
    some.forEach(({ history, target }, i) => {
      const own = scores.subarray(i * served.items, (i + 1) * served.items);
      for (let item = 0; item < served.items; item++)
        if (served.known[item] === 0) own[item] = Number.NEGATIVE_INFINITY;
      for (const item of history) own[item] = Number.NEGATIVE_INFINITY;
      if (rankOf(own, target) <= K) hits += 1;
    });
  }
  return { judged: asked.length, hits };
}

/** What all updates since the fit say together. */
export function driftOf({ life, metrics }: SavedRecommender): Drift {
  const { judged = 0, hits = 0, events = 0, waiting = 0 } = life?.sinceFit ?? {};
  const atFit = figureAtFit(metrics);
  const share = (judged === 0 ? 0 : hits / judged) - (atFit?.value ?? 0);
  const fresh = (hits + 1) / (judged + 2); // Agresti & Coull 1998: never a spread of 0
  const spread = Math.hypot(Math.sqrt((fresh * (1 - fresh)) / (judged + 2)), atFit?.standardError ?? 0);
  const known = atFit !== undefined && judged > 0;
  const interval = known ? ([share - 1.96 * spread, share + 1.96 * spread] as const) : null;
  const drift = {
    ...{ judged, hits, atFit: atFit?.value ?? null },
    ...{ difference: known ? share : null, interval, waiting: events === 0 ? 0 : waiting / events },
  };
  return { ...drift, verdict: driftVerdict(drift, atFit?.standardError ?? 0) };
}

function figureAtFit(metrics: unknown): { readonly value: number; readonly standardError: number } | undefined {
  const { test, testIntervals } = (metrics ?? {}) as Record<string, Record<string, unknown> | undefined>;
  const value = test?.[`recall@${K}`];
  const interval = testIntervals?.[`recall@${K}`];
  if (typeof value !== 'number') return undefined;
  const [low, high] = Array.isArray(interval) ? (interval as number[]) : [value, value];
  return { value, standardError: (high! - low!) / (2 * 1.96) };
}
