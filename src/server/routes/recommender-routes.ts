import type { FastifyInstance } from 'fastify';
import { similarItems } from '../../recommend/about-item.js';
import { freshRequest } from '../../recommend/fresh-history.js';
import { type Recommendation, recommendFor } from '../../recommend/open-recommender.js';
import { templateSlots } from '../../recommend/reading/item-reading.js';
import type { RecommendRequest } from '../../recommend/recommend-request.js';
import type { OpenRecommender } from '../../recommend/recommender-handle.js';
import { typed, using } from '../app.js';
import type { Metrics } from '../metrics.js';
import {
  named,
  REFUSALS,
  recommendAnswer,
  recommendBody,
  recommenderFacts,
  recommenderList,
  similarBody,
} from '../schemas.js';
import type { ServedLists, ServedRecommender } from '../served.js';
import { Refusal } from '../server-refusals.js';
import type { Service } from '../service.js';
import type { ShelfEntry } from '../shelf.js';
import { measuredOf, versionsOf } from './version-routes.js';

export function recommenderRoutes(fastify: FastifyInstance, service: Service): void {
  const { shelf, store, metrics } = service;
  const app = typed(fastify);

  app.get(
    '/v1/recommenders',
    {
      config: { scope: 'ask' },
      schema: { summary: 'All recommenders', response: { 200: recommenderList, ...REFUSALS } },
    },
    async () => ({ recommenders: shelf.recommenders.flatMap((entry) => factsOf(entry, metrics) ?? []) }),
  );

  app.get(
    '/v1/recommenders/:name',
    {
      config: { scope: 'ask' },
      schema: { summary: 'What a recommender knows', params: named, response: { 200: recommenderFacts, ...REFUSALS } },
    },
    async ({ params: { name } }) => {
      shelf.recommender(name).release(); // there is one, and it is loaded
      return factsOf(shelf.recommenders.find((entry) => entry.name === name)!, metrics)!;
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
      const { user, history, user_attributes: userAttributes, include_seen: includeSeen, ...wanted } = request.body;
      const { filters, ...rest } = wanted;
      const { name } = request.params;
      const lease = shelf.recommender(name, user);
      const notes: string[] = [];
      const items = await using(service, request, lease, async (served, signal) => {
        const { open, inTurn } = listsOf(served);
        const wishes = {
          ...{ ...rest, ...filters, includeSeen },
          ...{ skipUnknown: true, onNote: (note: string) => notes.push(note) },
        };
        // what is refused costs no look into the database
        return inTurn(async () => {
          const whom = user === undefined ? { history: history! } : await userRequest(open, user, notes);
          return recommendFor(open, { ...whom, userAttributes }, wishes);
        }, signal);
      });
      metrics.answered(lease, 1);
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
      const { item, filters, ...rest } = request.body;
      const { name } = request.params;
      const lease = shelf.recommender(name);
      const notes: string[] = [];
      const items = await using(service, request, lease, async (served, signal) => {
        const { open, inTurn } = listsOf(served);
        const wishes = { ...rest, ...filters, onNote: (note: string) => notes.push(note) };
        return inTurn(() => similarItems(open, item, wishes), signal);
      });
      metrics.answered(lease, 1);
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

/** @throws Refusal for what judges items */
function listsOf(served: ServedRecommender): ServedLists {
  if (served.task === 'lists') return served;
  throw new Refusal(400, 'RECOMMENDER_TASK', 'This recommender judges items and makes no lists: ask /preference.');
}

function factsOf(entry: ShelfEntry<ServedRecommender>, metrics: Metrics) {
  const newest = entry.versions.at(-1);
  if (newest === undefined) return undefined;
  const { value } = newest;
  return {
    ...{ name: entry.name, task: value.task, ...countsOf(value) },
    ...{ metrics: measuredOf(value), card: value.card },
    versions: versionsOf('recommender', entry, metrics, measuredOf),
    problem: entry.problem ?? null,
  };
}

function countsOf(served: ServedRecommender) {
  if (served.task === 'preference') {
    const { items, users, answers } = served.open.saved;
    const people = new Set([...users.ids, ...answers.map(({ user }) => user)]);
    return { items: items.ids.length, users: people.size, columns: [...items.columns.keys()], reads: [] };
  }
  const { saved } = served.open;
  const reads = saved.recommender.network.inputs.features && saved.reading;
  return {
    ...{ items: saved.recommender.items.length, users: saved.users.length, columns: [...saved.itemColumns.keys()] },
    reads: reads ? [...templateSlots(reads.template)] : [],
  };
}
