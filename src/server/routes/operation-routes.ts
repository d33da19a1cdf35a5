import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { typed } from '../app.js';
import { REFUSALS } from '../schemas.js';
import { Refusal } from '../server-refusals.js';
import type { Service } from '../service.js';

const state = z.object({ status: z.literal('ok') });

export function operationRoutes(fastify: FastifyInstance, service: Service): void {
  const app = typed(fastify);

  app.get(
    '/health',
    { schema: { summary: 'Whether the process lives', response: { 200: state } } },
    async () => ({ status: 'ok' }) as const,
  );

  app.get(
    '/ready',
    { schema: { summary: 'Whether requests are answered', response: { 200: state, 503: REFUSALS[503] } } },
    async () => {
      if (!service.ready) throw new Refusal(503, 'NOT_READY', 'The service starts or stops.');
      await service.store?.ping();
      return { status: 'ok' } as const;
    },
  );

  app.get(
    '/metrics',
    { config: { scope: 'manage' }, schema: { summary: 'Figures for Prometheus', response: { 200: z.string() } } },
    async (_, reply) => {
      const { registry } = service.metrics;
      reply.type(registry.contentType);
      return registry.metrics();
    },
  );
}
