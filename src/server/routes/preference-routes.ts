import type { FastifyInstance } from 'fastify';
import { chooseCandidates } from '../../recommend/preference/choose-candidates.js';
import { likesOf } from '../../recommend/preference/like-rule.js';
import type {
  CandidatePreference,
  OpenPreference,
  PreferenceRequest,
} from '../../recommend/preference/open-preference.js';
import { typed, using } from '../app.js';
import { MOST_CANDIDATES, named, preferenceAnswer, preferenceBody, REFUSALS } from '../schemas.js';
import type { ServedPreference, ServedRecommender } from '../served.js';
import { Refusal } from '../server-refusals.js';
import type { Service } from '../service.js';

export function preferenceRoutes(fastify: FastifyInstance, service: Service): void {
  const { shelf, store, metrics } = service;
  typed(fastify).post(
    '/v1/recommenders/:name/preference',
    {
      config: { scope: 'ask' },
      schema: {
        summary: 'Whether someone will like things: of a folder that `recommend preference fit` made',
        params: named,
        body: preferenceBody,
        response: { 200: preferenceAnswer, ...REFUSALS },
      },
    },
    async (request) => {
      const { user, history, disliked, candidates, k, explain, filters, where, allow, deny } = request.body;
      const { name } = request.params;
      const lease = shelf.recommender(name, user);
      const notes: string[] = [];
      const found = await using(service, request, lease, async (served, signal) => {
        const { open, inTurn, itemTable } = preferenceOf(served);
        const wanted = { candidates, where, allow, deny, ...filters };
        const likely = Math.min(MOST_CANDIDATES, (candidates ?? open.saved.items.ids).length);
        const cost = likely * (explain ? 1 + open.task.places.length : 1);
        // what is refused costs no look into the database
        const judge = async () => {
          const chosen = await chooseCandidates(open, itemTable, wanted, MOST_CANDIDATES);
          if (chosen.length === 0) {
            notes.push('no item is left to judge');
            return [];
          }
          const whom = user === undefined ? told(open, history!, disliked, notes) : await personOf(open, user, notes);
          return open.for({ ...whom, candidates: chosen }, { explain: explain ?? false });
        };
        const judged = await inTurn(judge, signal, Math.max(1, cost));
        return [...judged]
          .sort((a, b) => b.logOdds - a.logOdds)
          .slice(0, k)
          .map((one) => itemOf(open, one));
      });
      metrics.answered(lease, found.length);
      return { recommender: name, version: lease.id, items: found, notes };
    },
  );

  /** Someone with what he has done since the fit. */
  async function personOf(
    open: OpenPreference,
    user: string,
    notes: string[],
  ): Promise<Omit<PreferenceRequest, 'candidates'>> {
    const events = (await store?.ofUsers([user]))?.get(user) ?? [];
    const likes = likesOf(open.saved.like);
    const since = events
      .filter(({ item }) => open.knowsItem(item) && !open.knowsAnswer(user, item))
      .map(({ item, rating }) => ({ item, liked: likes(rating) }));
    if (since.length === 0 && !open.knowsUser(user))
      notes.push('nothing is known of this user: the items alone answer');
    return { user, since };
  }
}

/** Someone by what he liked, without items that are not known. */
function told(
  open: OpenPreference,
  history: readonly string[],
  disliked: readonly string[] | undefined,
  notes: string[],
) {
  const known = (items: readonly string[]) => items.filter((item) => open.knowsItem(item));
  const all = [...history, ...(disliked ?? [])];
  const unknown = all.length - known(all).length;
  if (unknown > 0) notes.push(`${unknown} of ${all.length} items of the history are not known`);
  return { history: known(history), disliked: disliked && known(disliked) };
}

function itemOf({ saved: { items } }: OpenPreference, { item, probability, logOdds, because }: CandidatePreference) {
  const place = items.places.get(item);
  const attributes = place === undefined ? [] : Array.from(items.columns, ([name, values]) => [name, values[place]!]);
  return {
    ...{ item, probability, log_odds: logOdds, attributes: Object.fromEntries(attributes) as Record<string, string> },
    ...(because && { because: { ...because } }),
  };
}

/** @throws Refusal for what makes lists */
function preferenceOf(served: ServedRecommender): ServedPreference {
  if (served.task === 'preference') return served;
  throw new Refusal(
    400,
    'RECOMMENDER_TASK',
    'This recommender makes lists: ask /recommend, or a folder that recommend preference fit made.',
  );
}
