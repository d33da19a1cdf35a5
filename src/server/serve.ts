import { readFile } from 'node:fs/promises';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fastify, { type FastifyInstance, LogController } from 'fastify';
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { SoftpromptError } from '../errors.js';
import { openInteractionStore } from '../interaction-store/open-store.js';
import { packageVersion } from '../package-version.js';
import { OPEN_ACCESS, readKeys } from './access.js';
import { answerErrors } from './answer-errors.js';
import { guardRequests } from './app.js';
import { serverMetrics } from './metrics.js';
import { interactionRoutes } from './routes/interaction-routes.js';
import { openaiRoutes } from './routes/openai-routes.js';
import { operationRoutes } from './routes/operation-routes.js';
import { promptRoutes } from './routes/prompt-routes.js';
import { recommenderRoutes } from './routes/recommender-routes.js';
import { Loader } from './served.js';
import { Refusal } from './server-refusals.js';
import type { Service } from './service.js';
import { Shelf, type ShelfEvent } from './shelf.js';

export interface ServeOptions {
  /** Each is a prompt's or recommender's folder, or holds some. */
  readonly folders: readonly string[];
  /** Default: 127.0.0.1. Another needs keys. */
  readonly host?: string | undefined;
  /** Default: 8080; 0: any that is free. */
  readonly port?: number | undefined;
  /** Where interactions are kept: a folder, or `postgres://…`. Default: nowhere. */
  readonly store?: string | undefined;
  /** The file of API keys. */
  readonly keys?: string | undefined;
  /** The frozen model, in place of where prompts say that it lies. */
  readonly model?: string | undefined;
  readonly cacheFolder?: string | undefined;
  readonly threads?: number | undefined;
  /** Texts in one batch at most. Default: 32. */
  readonly batchSize?: number | undefined;
  /** How long the first text of a batch waits for others, in milliseconds. Default: 3. */
  readonly batchWait?: number | undefined;
  /** Texts that may wait; more are refused with 429. Default: 1024. */
  readonly queue?: number | undefined;
  /** Seconds that a request may take. Default: 30. */
  readonly requestSeconds?: number | undefined;
  /** Requests a minute of one key, or of one address where there are no keys. Default: 6000. */
  readonly rateLimit?: number | undefined;
  /** The largest body of a request, in bytes. Default: 4 MiB. */
  readonly bodyLimit?: number | undefined;
  /** Certificate and key (PEM files) for TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined;
  /** Whether each request is logged, without what it says. Default: yes. */
  readonly log?: boolean | undefined;
  readonly onEvent?: ((event: ShelfEvent) => void) | undefined;
}

export interface RunningServer {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly service: Service;
  /** Takes no more requests, answers those that it has, and frees what it holds. */
  close(): Promise<void>;
}

export const SERVE_DEFAULTS = {
  ...{ host: '127.0.0.1', port: 8080 },
  ...{ batchSize: 32, batchWait: 3, queue: 1024, requestSeconds: 30, rateLimit: 6000, bodyLimit: 4 * 2 ** 20 },
};

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1']);

/** @throws FLAG_INVALID, FLAG_MISSING, STORE_UNAVAILABLE, STORE_LOCKED */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settled = { ...SERVE_DEFAULTS, ...(given as unknown as ServeOptions) } as ServeOptions & typeof SERVE_DEFAULTS;
  if (settled.keys === undefined && !LOOPBACK.has(settled.host)) {
    throw new SoftpromptError('FLAG_MISSING', {
      found: `--host ${settled.host} without --keys: anyone who reaches this address could ask`,
      expected: 'API keys, or an address of this machine alone',
      fix: 'Make a key (npx softprompt serve --add-key NAME --keys keys.json) and give --keys keys.json, or leave --host out.',
    });
  }
  const access = settled.keys === undefined ? OPEN_ACCESS : await readKeys(settled.keys);
  const loader = new Loader({
    ...{ model: settled.model, cacheFolder: settled.cacheFolder, threads: settled.threads },
    batch: { most: settled.batchSize, queue: settled.queue, wait: settled.batchWait },
  });
  const shelf = new Shelf({
    folders: settled.folders,
    loadPrompt: loader.prompt,
    loadRecommender: loader.recommender,
    onEvent: settled.onEvent,
  });
  const store = settled.store === undefined ? undefined : await openInteractionStore(settled.store);
  const service: Service = {
    ...{ shelf, loader, store, access, metrics: serverMetrics(() => loader.waiting) },
    ...{ requestSeconds: settled.requestSeconds, ready: false },
  };
  const app = await buildApp(service, settled);
  const close = async () => {
    service.ready = false;
    await app.close();
    await loader.drain();
    await shelf.close();
    await store?.close();
  };
  try {
    await shelf.start();
    service.ready = true;
    const url = await app.listen({ host: settled.host, port: settled.port });
    return { url, service, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function buildApp(service: Service, options: ServeOptions & typeof SERVE_DEFAULTS): Promise<FastifyInstance> {
  const { tls, log = true } = options;
  const app = fastify({
    logger: log && { level: 'info', base: null },
    logController: new LogController({ disableRequestLogging: true }), // its lines hold addresses, and so people's ids
    bodyLimit: options.bodyLimit,
    genReqId: () => crypto.randomUUID(),
    forceCloseConnections: 'idle',
    ...(tls && { https: { cert: await readFile(tls.certificate), key: await readFile(tls.key) } }),
  }) as unknown as FastifyInstance;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  answerErrors(app);
  guardRequests(app, service);
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const seconds = reply.elapsedTime / 1000;
    service.metrics.request(route, request.method, reply.statusCode, seconds);
    if (log && route !== '/health') {
      const facts = { method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
      request.log.info({ ...facts, key: request.holder?.name }, 'answered');
    }
  });
  await app.register(helmet, { contentSecurityPolicy: false });
  await app.register(rateLimit, {
    max: options.rateLimit,
    timeWindow: '1 minute',
    hook: 'preHandler', // the key is known by then
    keyGenerator: (request) => (service.access.guarded ? request.holder?.name : undefined) ?? request.ip,
    errorResponseBuilder: (_, { ttl }) =>
      new Refusal(429, 'RATE_LIMIT', `This key asks too often. Ask again in ${Math.ceil(ttl / 1000)} s.`),
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'softprompt',
        description: 'One frozen language model, many learned prompts and recommenders.',
        version: packageVersion(),
      },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
      security: [{ key: [] }],
    },
    transform: jsonSchemaTransform,
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  operationRoutes(app, service);
  promptRoutes(app, service);
  recommenderRoutes(app, service);
  interactionRoutes(app, service);
  openaiRoutes(app, service);
  return app;
}
