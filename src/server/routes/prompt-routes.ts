import type { FastifyInstance } from 'fastify';
import { onlyField } from '../../tasks/text-task.js';
import { typed, using } from '../app.js';
import type { Metrics } from '../metrics.js';
import { shortName } from '../read-card.js';
import { named, predictAnswer, predictBody, promptFacts, promptList, REFUSALS } from '../schemas.js';
import type { Fields, ServedPrompt } from '../served.js';
import type { Service } from '../service.js';
import type { ShelfEntry } from '../shelf.js';
import { versionsOf } from './version-routes.js';

export function promptRoutes(fastify: FastifyInstance, service: Service): void {
  const { shelf, metrics, models } = service;
  const app = typed(fastify);

  app.get(
    '/v1/prompts',
    { config: { scope: 'ask' }, schema: { summary: 'All prompts', response: { 200: promptList, ...REFUSALS } } },
    async () => ({
      prompts: shelf.prompts.flatMap((entry) => factsOf(entry, metrics) ?? []),
      models: models.holds.map(({ model, weightBytes, frontBytes }) => ({
        ...{ model, weight_bytes: weightBytes, front_bytes: frontBytes },
      })),
    }),
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
      return factsOf(shelf.prompts.find((entry) => entry.name === name)!, metrics)!;
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
      const lease = shelf.prompt(name, request.body.user);
      const predictions = await using(service, request, lease, async (value, signal) =>
        value.predict(rowsOf(request.body, value), signal),
      );
      metrics.answered(lease, predictions.length);
      return {
        ...{ prompt: name, version: lease.id },
        predictions: predictions.map(({ label, probabilities }) => ({ label, probabilities })),
      };
    },
  );
}

/** Texts as the fields of the template's slots. @throws FIELD_MISSING */
export function rowsOf(
  { text, texts, rows }: { text?: string | undefined; texts?: string[] | undefined; rows?: Fields[] | undefined },
  { fields }: Pick<ServedPrompt, 'fields'>,
): readonly Fields[] {
  if (rows !== undefined) return rows;
  const field = onlyField(fields);
  return (texts ?? [text!]).map((one) => ({ [field]: one }));
}

function factsOf(entry: ShelfEntry<ServedPrompt>, metrics: Metrics) {
  const newest = entry.versions.at(-1);
  if (newest === undefined) return undefined;
  const { saved, fields, card } = newest.value;
  return {
    ...{ name: entry.name, task: saved.task, template: saved.template, fields: [...fields] },
    labels: Object.fromEntries(saved.labels),
    model: shortName(saved.baseModel.source),
    learned_numbers: saved.learned.values.length,
    ...{ metrics: saved.metrics, card },
    versions: versionsOf('prompt', entry, metrics, ({ saved: { metrics } }) => metrics),
    problem: entry.problem ?? null,
  };
}
