import type { FastifyInstance } from 'fastify';
import { onlyField } from '../../tasks/text-task.js';
import { typed, using } from '../app.js';
import {
  named,
  predictAnswer,
  predictBody,
  promptFacts,
  promptList,
  REFUSALS,
  rollbackBody,
  splitBody,
  versionsAnswer,
} from '../schemas.js';
import type { Fields, ServedPrompt } from '../served.js';
import type { Service } from '../service.js';
import type { ShelfEntry } from '../shelf.js';

export function promptRoutes(fastify: FastifyInstance, { shelf, metrics }: Service): void {
  const app = typed(fastify);

  app.get(
    '/v1/prompts',
    { config: { scope: 'ask' }, schema: { summary: 'All prompts', response: { 200: promptList, ...REFUSALS } } },
    async () => ({ prompts: shelf.prompts.flatMap((entry) => factsOf(entry) ?? []) }),
  );

  app.get(
    '/v1/prompts/:name',
    {
      config: { scope: 'ask' },
      schema: {
        summary: 'What a prompt is, and how good it was',
        params: named,
        response: { 200: promptFacts, ...REFUSALS },
      },
    },
    async ({ params: { name } }) => {
      shelf.prompt(name).release(); // there is one, and it is loaded
      return factsOf(shelf.prompts.find((entry) => entry.name === name)!)!;
    },
  );

  app.post(
    '/v1/prompts/:name/predict',
    {
      config: { scope: 'ask' },
      schema: {
        summary: 'Labels texts',
        params: named,
        body: predictBody,
        response: { 200: predictAnswer, ...REFUSALS },
      },
    },
    async (request) => {
      const { name } = request.params;
      const lease = shelf.prompt(name);
      const predictions = await using(request, lease, async (value, signal) =>
        value.predict(rowsOf(request.body, value), signal),
      );
      metrics.answered('prompt', name, lease.id, predictions.length);
      return {
        ...{ prompt: name, version: lease.id },
        predictions: predictions.map(({ label, probabilities }) => ({ label, probabilities })),
      };
    },
  );

  app.put(
    '/v1/prompts/:name/split',
    {
      config: { scope: 'manage' },
      schema: {
        summary: 'Spreads requests over versions',
        params: named,
        body: splitBody,
        response: { 200: versionsAnswer, ...REFUSALS },
      },
    },
    async ({ params: { name }, body }) => {
      const slot = shelf.promptSlot(name);
      slot.spread(body.weights);
      return { name, versions: versionsOf(slot) };
    },
  );

  app.post(
    '/v1/prompts/:name/rollback',
    {
      config: { scope: 'manage' },
      schema: {
        summary: 'Sends all requests to an earlier version, by default the last one before',
        params: named,
        body: rollbackBody,
        response: { 200: versionsAnswer, ...REFUSALS },
      },
    },
    async ({ params: { name }, body }) => {
      const slot = shelf.promptSlot(name);
      slot.rollBack(body.version);
      return { name, versions: versionsOf(slot) };
    },
  );
}

/** Texts as the fields of the template's slots. @throws FIELD_MISSING */
export function rowsOf(
  { text, texts, rows }: { text?: string | undefined; texts?: string[] | undefined; rows?: Fields[] | undefined },
  { fields }: ServedPrompt,
): readonly Fields[] {
  if (rows !== undefined) return rows;
  const field = onlyField(fields);
  return (texts ?? [text!]).map((one) => ({ [field]: one }));
}

export function versionsOf({ versions, shares }: Pick<ShelfEntry<unknown>, 'versions' | 'shares'>) {
  return versions.map(({ id, loadedAt }) => ({
    version: id,
    loaded_at: loadedAt.toISOString(),
    share: shares.get(id) ?? 0,
  }));
}

function factsOf(entry: ShelfEntry<ServedPrompt>) {
  const newest = entry.versions.at(-1);
  if (newest === undefined) return undefined;
  const { saved, fields } = newest.value;
  return {
    ...{ name: entry.name, task: saved.task, template: saved.template, fields: [...fields] },
    labels: Object.fromEntries(saved.labels),
    model: saved.baseModel.source.split(/[\\/]/).slice(-2).join('/'),
    learned_numbers: saved.learned.values.length,
    metrics: saved.metrics,
    versions: versionsOf(entry),
    problem: entry.problem ?? null,
  };
}
