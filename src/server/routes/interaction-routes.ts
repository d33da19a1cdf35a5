import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { eventRecord } from '../../interaction-store/export-interactions.js';
import type { InteractionStore } from '../../interaction-store/interaction-store.js';
import { historyOfUser } from '../../recommend/recommend-request.js';
import { typed } from '../app.js';
import {
  erasedAnswer,
  eventPage,
  id,
  interactionsAnswer,
  interactionsBody,
  personAnswer,
  REFUSALS,
  storedInteractions,
} from '../schemas.js';
import type { ServedRecommender } from '../served.js';
import { Refusal } from '../server-refusals.js';
import type { Service } from '../service.js';

const person = z.object({ user: id });

export function interactionRoutes(fastify: FastifyInstance, service: Service): void {
  const app = typed(fastify);
  const store = (): InteractionStore => {
    if (service.store !== undefined) return service.store;
    throw new Refusal(503, 'STORE_UNAVAILABLE', 'This service keeps no interactions: it was started without --store.');
  };

  app.post(
    '/v1/interactions',
    {
      config: { scope: 'record' },
      schema: {
        summary: 'Keeps what people did: durably, each event once',
        body: interactionsBody,
        response: { 200: interactionsAnswer, ...REFUSALS },
      },
    },
    async ({ body: { interactions } }) =>
      store().add(
        interactions.map(({ event_id, user_id, item_id, time, rating }) => ({
          ...{ eventId: event_id, user: user_id, item: item_id, rating },
          time: time === undefined ? undefined : new Date(typeof time === 'number' ? time * 1000 : time),
        })),
      ),
  );

  app.get(
    '/v1/users/:user/interactions',
    {
      config: { scope: 'people' },
      schema: {
        summary: 'All that is kept of a person: recorded here, and in the folders of recommenders',
        params: person,
        response: { 200: personAnswer, ...REFUSALS },
      },
    },
    async ({ params: { user } }) => {
      const events = (await store().ofUsers([user])).get(user) ?? [];
      const recommenders = service.shelf.recommenders.flatMap(({ name, versions }) => {
        const items = itemsOf(versions.at(-1)?.value, user);
        return items.length === 0 ? [] : [{ name, items }];
      });
      return { interactions: events.map(eventRecord), recommenders };
    },
  );

  app.get(
    '/v1/interactions',
    {
      config: { scope: 'people' },
      schema: {
        summary:
          'All events behind a sequence number, for the next fit: ask again behind the last until there are none',
        querystring: eventPage,
        response: { 200: storedInteractions, ...REFUSALS },
      },
    },
    async ({ query: { after, limit } }) => {
      const interactions: ReturnType<typeof eventRecord>[] = [];
      for await (const event of store().all(after)) {
        if (interactions.push(eventRecord(event)) === limit) break;
      }
      return { interactions };
    },
  );

  app.delete(
    '/v1/users/:user',
    {
      config: { scope: 'people' },
      schema: {
        summary: 'Removes a person: what is recorded here, and what the folders of recommenders hold',
        params: person,
        response: { 200: erasedAnswer, ...REFUSALS },
      },
    },
    async ({ params: { user } }) => {
      const { removed, recommenders } = await service.erasure(user);
      return { removed, recommenders: recommenders.map((one) => ({ ...one })) };
    },
  );
}

/** What a recommender knows of someone. */
function itemsOf(served: ServedRecommender | undefined, user: string): string[] {
  if (served === undefined) return [];
  if (served.task === 'preference') {
    return served.open.saved.answers.flatMap((answer) => (answer.user === user ? [answer.item] : []));
  }
  const { open } = served;
  const code = open.userCodes.get(user);
  if (code === undefined) return [];
  return Array.from(historyOfUser(open, code), (item) => open.saved.recommender.items[item]!);
}
