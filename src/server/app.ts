import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { holderInBrowser, type KeyHolder, requireScope } from './access.js';
import type { Scope } from './scopes.js';
import { ClientLeft, RequestTimeout } from './server-refusals.js';
import type { Service } from './service.js';
import type { NamedLease } from './shelf.js';
import type { Span } from './traces.js';

declare module 'fastify' {
  interface FastifyRequest {
    holder: KeyHolder | undefined;
    /** Aborted when the client leaves or the time is up. */
    work: AbortController | undefined;
    /** Undefined where no traces are made. */
    span: Span | undefined;
  }
  interface FastifyContextConfig {
    /** What a key must be allowed to; undefined: anyone may ask. */
    scope?: Scope;
    /** Whether people open it: a browser gives the key as a password. */
    byBrowser?: boolean;
  }
}

/** The server with the schemas' types. */
export function typed(app: FastifyInstance) {
  return app.withTypeProvider<ZodTypeProvider>();
}

/** Decorates requests with who asks and what ends them. */
export function guardRequests(app: FastifyInstance, { access, requestSeconds, traces }: Service): void {
  app.decorateRequest('holder', undefined);
  app.decorateRequest('work', undefined);
  app.decorateRequest('span', undefined);
  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    const { config, url } = request.routeOptions;
    const { scope, byBrowser } = config;
    const { traceparent } = request.headers;
    request.span = traces?.begin(`${request.method} ${url ?? 'none'}`, String(traceparent ?? ''));
    if (scope !== undefined) {
      const { method, headers } = request;
      request.holder = byBrowser ? holderInBrowser(access, method, headers) : access.holder(headers.authorization);
      requireScope(request.holder, scope);
    }
    const work = new AbortController();
    request.work = work;
    const timer = setTimeout(() => work.abort(new RequestTimeout(requestSeconds)), requestSeconds * 1000);
    reply.raw.once('close', () => {
      clearTimeout(timer);
      if (!reply.raw.writableFinished) work.abort(new ClientLeft());
    });
  });
}

/** The request's signal. */
const signalOf = (request: FastifyRequest): AbortSignal => request.work!.signal;

/**
 * Works with what is leased, which stays open until the work has ended: also where the request ends before it does, which
 * rejects with the request's reason. It is counted by version.
 */
export async function using<Value, T>(
  { metrics }: Pick<Service, 'metrics'>,
  request: FastifyRequest,
  lease: NamedLease<Value>,
  work: (value: Value, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = signalOf(request);
  if (signal.aborted) {
    lease.release();
    throw signal.reason;
  }
  const start = performance.now();
  const { kind, name, id } = lease;
  const span = request.span?.child('answer', {
    'softprompt.kind': kind,
    'softprompt.name': name,
    'softprompt.version': id,
  });
  let leave = () => {};
  const ended = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
  });
  const working = work(lease.value, signal).finally(lease.release);
  working.catch(() => {}); // the answer to nobody
  try {
    const answer = await Promise.race([working, ended]);
    metrics.ended(lease, (performance.now() - start) / 1000, undefined);
    return answer;
  } catch (error) {
    metrics.ended(lease, (performance.now() - start) / 1000, error);
    throw error;
  } finally {
    span?.end();
    signal.removeEventListener('abort', leave);
  }
}
