import type { FastifyInstance } from 'fastify';
import { typed } from '../app.js';
import type { Metrics } from '../metrics.js';
import { named, REFUSALS, rollbackBody, splitBody, versionsAnswer } from '../schemas.js';
import type { Service } from '../service.js';
import type { ShelfEntry } from '../shelf.js';

/** Which version of a prompt or recommender answers: spread over several, or an earlier one. */
export function versionRoutes(fastify: FastifyInstance, { shelf, metrics }: Service): void {
  const app = typed(fastify);
  for (const kind of ['prompt', 'recommender'] as const) {
    const told = (name: string) => {
      const entries: readonly ShelfEntry<Measured>[] = kind === 'prompt' ? shelf.prompts : shelf.recommenders;
      const entry = entries.find((one) => one.name === name)!;
      return { name, versions: versionsOf(kind, entry, metrics, measuredOf) };
    };
    app.put(
      `/v1/${kind}s/:name/split`,
      {
        config: { scope: 'manage' },
        schema: {
          summary: 'Spreads requests over versions; someone who is named gets the same one each time',
          params: named,
          body: splitBody,
          response: { 200: versionsAnswer, ...REFUSALS },
        },
      },
      async ({ params: { name }, body }) => {
        await shelf.spread(kind, name, body.weights);
        return told(name);
      },
    );
    app.post(
      `/v1/${kind}s/:name/rollback`,
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
        await shelf.rollBack(kind, name, body.version);
        return told(name);
      },
    );
  }
}

/** A prompt or recommender, as far as it tells what was measured of it. */
type Measured =
  | { readonly saved: { readonly metrics: unknown } }
  | { readonly open: { readonly saved: { readonly metrics: unknown } } };

export const measuredOf = (value: Measured): unknown => ('open' in value ? value.open : value).saved.metrics;

export function versionsOf<Value>(
  kind: 'prompt' | 'recommender',
  { name, versions, shares }: Pick<ShelfEntry<Value>, 'name' | 'versions' | 'shares'>,
  metrics: Metrics,
  measured: (value: Value) => unknown,
) {
  return versions.map(({ id, loadedAt, value }) => ({
    ...{ version: id, loaded_at: loadedAt.toISOString(), share: shares.get(id) ?? 0 },
    ...metrics.ofVersion({ kind, name, id }),
    metrics: measured(value),
  }));
}
