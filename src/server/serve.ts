import { readFile } from 'node:fs/promises';
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fastify, { type FastifyInstance, LogController } from 'fastify';
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { SoftpromptError } from '../errors.js';
import { openInteractionStore } from '../interaction-store/open-store.js';
import { settle } from '../options/settle.js';
import { packageVersion } from '../package-version.js';
import { OPEN_ACCESS, readKeys } from './access.js';
import { Agreement } from './agreement.js';
import { answerErrors } from './answer-errors.js';
import { guardRequests } from './app.js';
import { erasure } from './erasure.js';
import { HeldModels, type LoadingOptions } from './held-models.js';
import { promptLoader } from './load-prompt.js';
import { recommenderLoader } from './load-recommender.js';
import { serverMetrics } from './metrics.js';
import { embeddingRoutes } from './routes/embedding-routes.js';
import { generateRoutes } from './routes/generate-routes.js';
import { interactionRoutes } from './routes/interaction-routes.js';
import { openaiRoutes } from './routes/openai-routes.js';
import { operationRoutes } from './routes/operation-routes.js';
import { preferenceRoutes } from './routes/preference-routes.js';
import { promptRoutes } from './routes/prompt-routes.js';
import { recommenderRoutes } from './routes/recommender-routes.js';
import { versionRoutes } from './routes/version-routes.js';
import { SERVE, type ServeOptions, type ServePlan } from './serve-options.js';
import { Refusal } from './server-refusals.js';
import type { Service } from './service.js';
import { Shelf, type ShelfEvent } from './shelf.js';
import { traces } from './traces.js';

/** Options of `softprompt serve`, and what only programs can give. */
export interface ServerOptions extends Omit<ServeOptions, 'addKey' | 'scopes'> {
  /** Each is a prompt's or recommender's folder, or holds some. */
  readonly folders: readonly string[];
  readonly cacheFolder?: string | undefined;
  readonly onEvent?: ((event: ShelfEvent) => void) | undefined;
}

export interface RunningServer {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly service: Service;
  /** Takes no more requests, answers those that it has, and frees what it holds. */
  close(): Promise<void>;
}

/** How long a service that stops still takes requests, in milliseconds. */
const GRACE_MS = 250;

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1']);

/** @throws FLAG_INVALID, FLAG_MISSING, STORE_UNAVAILABLE, STORE_LOCKED */
export async function serve({ folders, cacheFolder, onEvent, ...given }: ServerOptions): Promise<RunningServer> {
  const settled = settle(SERVE, given, 'FLAG_INVALID');
  checkAddress(settled);
  const access = settled.keys === undefined ? OPEN_ACCESS : await readKeys(settled.keys);
  const loading: LoadingOptions = {
    ...{ model: settled.model, cacheFolder, threads: settled.threads, frontBytes: settled.promptCache * 2 ** 20 },
    streams: settled.streams,
    batch: {
      ...{ most: settled.batchSize, queue: settled.queue, wait: settled.batchWait },
      limit: settled.requestSeconds * 1000,
    },
  };
  const models = new HeldModels(loading);
  const store = settled.store === undefined ? undefined : await openInteractionStore(settled.store);
  const shelf = new Shelf({
    agreement: store && new Agreement(store.served),
    folders,
    loadPrompt: promptLoader(models, loading, () => !service.ready),
    loadRecommender: recommenderLoader(models, loading),
    onEvent,
  });
  const service: Service = {
    ...{ shelf, models, store, access, erasure: erasure(shelf, store) },
    metrics: serverMetrics(models),
    traces:
      settled.traces === undefined
        ? undefined
        : traces(settled.traces, (error) => app.log.warn({ err: error }, 'traces are lost')),
    ...{ requestSeconds: settled.requestSeconds, ready: false, stopping: false },
  };
  const app: FastifyInstance = await buildApp(service, settled);
  let board: { close(): Promise<void> } | undefined;
  const close = async () => {
    service.ready = false;
    service.stopping = true;
    await sleep(GRACE_MS); // for requests that are on their way; the answers close their connections
    await immediate();
    await app.close();
    await board?.close();
    await models.drain();
    await shelf.close();
    await models.close();
    await store?.close();
    await service.traces?.close();
  };
  try {
    if (settled.jobs !== undefined) {
      const { jobsBoard } = await import('./jobs-board.js');
      board = await jobsBoard(app, settled.jobs, (problem) => app.log.warn({ problem }, 'the queue is out of reach'));
    }
    await shelf.start();
    service.ready = true;
    const url = await app.listen({ host: settled.host, port: settled.port });
    return { url, service, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A service that others reach asks for keys; one with a certificate has its key too. */
function checkAddress({ host, keys, tlsCertificate, tlsKey }: ServePlan): void {
  if (keys === undefined && !LOOPBACK.has(host)) {
    throw new SoftpromptError('FLAG_MISSING', {
      found: `--host ${host} without --keys: anyone who reaches this address could ask`,
      expected: 'API keys, or an address of this machine alone',
      fix: 'Make a key (npx softprompt serve --add-key NAME --keys keys.json) and give --keys keys.json, or leave --host out.',
    });
  }
  if ((tlsCertificate === undefined) === (tlsKey === undefined)) return;
  throw new SoftpromptError('FLAG_MISSING', {
    found: `only ${tlsKey === undefined ? '--tls-certificate' : '--tls-key'}`,
    expected: 'a certificate and its private key',
    fix: 'Give both --tls-certificate and --tls-key, or neither.',
  });
}

async function buildApp(service: Service, options: ServePlan): Promise<FastifyInstance> {
  const { tlsCertificate, tlsKey, log } = options;
  const app = fastify({
    logger: log && { level: 'info', base: null },
    logController: new LogController({ disableRequestLogging: true }), // its lines hold addresses, and so people's ids
    bodyLimit: options.bodyLimit,
    genReqId: () => crypto.randomUUID(),
    forceCloseConnections: 'idle',
    ...(tlsCertificate && tlsKey && { https: { cert: await readFile(tlsCertificate), key: await readFile(tlsKey) } }),
  }) as unknown as FastifyInstance;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  answerErrors(app);
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '')
      done(null, undefined); // clients name the type of what they do not send, such as with DELETE
    else parse(request, body, done);
  });
  guardRequests(app, service);
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id);
    if (service.stopping) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const seconds = reply.elapsedTime / 1000;
    service.metrics.request(route, request.method, reply.statusCode, seconds);
    const seen = { 'http.request.method': request.method, 'http.route': route, 'softprompt.request_id': request.id };
    request.span?.end({ ...seen, 'http.response.status_code': reply.statusCode }, reply.statusCode >= 500);
    if (log && route !== '/health') {
      const facts = { method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
      request.log.info({ ...facts, key: request.holder?.name, trace: request.span?.trace }, 'answered');
    }
  });
  await app.register(helmet, {
    // answers are data; /docs has a policy of its own
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  });
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
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  operationRoutes(app, service);
  promptRoutes(app, service);
  generateRoutes(app, service);
  recommenderRoutes(app, service);
  preferenceRoutes(app, service);
  versionRoutes(app, service);
  interactionRoutes(app, service);
  openaiRoutes(app, service);
  embeddingRoutes(app, service);
  return app;
}
