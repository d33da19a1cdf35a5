import type { FastifyInstance } from 'fastify';
import { similarItems } from '../../recommend/about-item.js';
import { freshRequest } from '../../recommend/fresh-history.js';
import { type Recommendation, recommendFor } from '../../recommend/open-recommender.js';
import type { RecommendRequest } from '../../recommend/recommend-request.js';
import type { OpenRecommender } from '../../recommend/recommender-handle.js';
import { typed, using } from '../app.js';
import {
  named,
  REFUSALS,
  recommendAnswer,
  recommendBody,
  recommenderFacts,
  recommenderList,
  similarBody,
} from '../schemas.js';
import type { ServedRecommender } from '../served.js';
import type { Service } from '../service.js';
import type { ShelfEntry } from '../shelf.js';
import { versionsOf } from './prompt-routes.js';

export function recommenderRoutes(fastify: FastifyInstance, { shelf, store, metrics }: Service): void {
  const app = typed(fastify);

  app.get(
    '/v1/recommenders',
    {
      config: { scope: 'ask' },
      schema: { summary: 'All recommenders', response: { 200: recommenderList, ...REFUSALS } },
    },
    async () => ({ recommenders: shelf.recommenders.flatMap((entry) => factsOf(entry) ?? []) }),
  );

  app.get(
    '/v1/recommenders/:name',
    {
      config: { scope: 'ask' },
      schema: { summary: 'What a recommender knows', params: named, response: { 200: recommenderFacts, ...REFUSALS } },
    },
    async ({ params: { name } }) => {
      shelf.recommender(name).release(); // there is one, and it is loaded
      return factsOf(shelf.recommenders.find((entry) => entry.name === name)!)!;
    },
  );

  app.post(
    '/v1/recommenders/:name/recommend',
    {
      config: { scope: 'ask' },
      schema: {
        summary: 'The best items for someone, with what he did since the fit',
        params: named,
        body: recommendBody,
        response: { 200: recommendAnswer, ...REFUSALS },
      },
    },
    async (request) => {
      const { user, history, user_attributes: userAttributes, include_seen: includeSeen, ...rest } = request.body;
      const { name } = request.params;
      const lease = shelf.recommender(name);
      const notes: string[] = [];
      const items = await using(request, lease, async ({ open, inTurn }, signal) => {
        const whom = user === undefined ? { history: history! } : await userRequest(open, user, notes);
        const wishes = { ...rest, includeSeen, skipUnknown: true, onNote: (note: string) => notes.push(note) };
        return inTurn(() => recommendFor(open, { ...whom, userAttributes }, wishes), signal);
      });
      metrics.answered('recommender', name, lease.id, 1);
      return { recommender: name, version: lease.id, items: items.map(itemOf), notes };
    },
  );

  app.post(
    '/v1/recommenders/:name/similar',
    {
      config: { scope: 'ask' },
      schema: {
        summary: 'The items most like one',
        params: named,
        body: similarBody,
        response: { 200: recommendAnswer, ...REFUSALS },
      },
    },
    async (request) => {
      const { item, ...rest } = request.body;
      const { name } = request.params;
      const lease = shelf.recommender(name);
      const notes: string[] = [];
      const items = await using(request, lease, ({ open, inTurn }, signal) =>
        inTurn(() => similarItems(open, item, { ...rest, onNote: (note) => notes.push(note) }), signal),
      );
      metrics.answered('recommender', name, lease.id, 1);
      return { recommender: name, version: lease.id, items: items.map(itemOf), notes };
    },
  );

  async function userRequest(open: OpenRecommender, user: string, notes: string[]): Promise<RecommendRequest> {
    const events = (await store?.ofUsers([user]))?.get(user) ?? [];
    if (events.length === 0 && !open.userCodes.has(user)) notes.push('nothing is known of this user');
    return freshRequest(
      open,
      user,
      events.map(({ item, time }) => ({ item, time: time.getTime() / 1000 })),
    );
  }
}

const itemOf = ({ item, score, attributes, because }: Recommendation) => ({
  ...{ item, score, attributes: { ...attributes } },
  ...(because && { because: because.map((reason) => ({ ...reason })) }),
});

function factsOf(entry: ShelfEntry<ServedRecommender>) {
  const newest = entry.versions.at(-1);
  if (newest === undefined) return undefined;
  const { saved } = newest.value.open;
  return {
    ...{ name: entry.name, items: saved.recommender.items.length, users: saved.users.length },
    columns: [...saved.itemColumns.keys()],
    versions: versionsOf(entry),
    problem: entry.problem ?? null,
  };
}
