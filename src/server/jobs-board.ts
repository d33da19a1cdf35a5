import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join, sep } from 'node:path';
import type {
  BullBoardQueues,
  ControllerHandlerReturnType,
  IServerAdapter,
  UIConfig,
} from '@bull-board/api/typings/app';
import type { FastifyInstance, HTTPMethods } from 'fastify';
import { loadOptional } from '../optional-package.js';
import { BOARD, BOARD_PAGES } from '../queue/board-packages.js';
import { openBullQueue } from '../queue/bull.js';
import { Refusal } from './server-refusals.js';

const PREFIX = '/jobs';

/** The page brings its own scripts and styles, and asks this server alone. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  ...{ '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json' },
  ...{ '.svg': 'image/svg+xml', '.png': 'image/png', '.ico': 'image/x-icon', '.woff2': 'font/woff2' },
};

/** Where the board says what it consists of: `createBullBoard` fills it in. */
interface Parts {
  queues: BullBoardQueues;
  views: string;
  static: string;
  config: UIConfig;
  entry: Parameters<IServerAdapter['setEntryRoute']>[0];
  routes: Parameters<IServerAdapter['setApiRoutes']>[0];
  failed: (error: Error) => ControllerHandlerReturnType;
}

/**
 * A dashboard of a queue's jobs, Bull Board's, under /jobs, for who may manage. `@bull-board/fastify` is not used: it brings a
 * file server and a template engine of its own, and packages that want Node 22.
 * @param onProblem hears when the connection to the queue is lost; it comes back by itself
 * @throws QUEUE_URL, QUEUE_UNAVAILABLE, QUEUE_UNREACHABLE
 */
export async function jobsBoard(
  app: FastifyInstance,
  url: string,
  onProblem: (message: string) => void,
): Promise<{ close(): Promise<void> }> {
  const [{ createBullBoard }, { BullMQAdapter }] = await loadOptional(BOARD, () =>
    Promise.all([import('@bull-board/api'), import('@bull-board/api/bullMQAdapter')]),
  );
  const pages = await loadOptional(BOARD_PAGES, async () =>
    createRequire(import.meta.url).resolve('@bull-board/ui/package.json'),
  );
  const { queue, close } = await openBullQueue(url, onProblem);
  const parts = {} as Parts;
  const adapter: IServerAdapter = {
    setQueues: (queues) => keep({ queues }),
    setViewsPath: (views) => keep({ views }),
    setStaticPath: (_, path) => keep({ static: path }),
    setEntryRoute: (entry) => keep({ entry }),
    setErrorHandler: (failed) => keep({ failed }),
    setApiRoutes: (routes) => keep({ routes }),
    setUIConfig: (config) => keep({ config }),
  };
  function keep(part: Partial<Parts>): IServerAdapter {
    Object.assign(parts, part);
    return adapter;
  }
  createBullBoard({
    queues: [new BullMQAdapter(queue, { description: 'Parts of jobs' })],
    serverAdapter: adapter,
    options: { uiBasePath: dirname(pages), uiConfig: { boardTitle: 'softprompt jobs' } },
  });
  await app.register(async (inner) => addRoutes(inner, parts), { prefix: PREFIX });
  return { close };
}

async function addRoutes(
  app: FastifyInstance,
  { queues, config, entry, routes, failed, ...paths }: Parts,
): Promise<void> {
  const guarded = { config: { scope: 'manage', byBrowser: true }, schema: { hide: true } } as const;
  app.addHook('onSend', async (_, reply) => {
    reply.header('content-security-policy', POLICY);
  });
  app.setErrorHandler((error: Error, _, reply) => {
    if (error instanceof Refusal) throw error;
    const { status = 500, body } = failed(error);
    return reply.code(status).send(body);
  });
  // its fonts are those of another site, which would hear who looks
  const template = (await readFile(join(paths.views, 'index.ejs'), 'utf8')).replace(/<link href="https:[^>]*>/g, '');
  for (const url of [entry.route].flat()) {
    app.get(url, guarded, async (_, reply) => {
      const { params } = entry.handler({ basePath: PREFIX, uiConfig: config });
      return reply.type('text/html; charset=utf-8').send(filled(template, params));
    });
  }
  const files = new Set(
    (await readdir(paths.static, { recursive: true }))
      .filter((name) => extname(name) in TYPES)
      .map((name) => name.split(sep).join('/')),
  );
  app.get<{ Params: { readonly '*': string } }>('/static/*', guarded, async (request, reply) => {
    const name = request.params['*'];
    if (!files.has(name)) return reply.callNotFound();
    return reply.type(TYPES[extname(name)]!).send(await readFile(join(paths.static, name)));
  });
  for (const { method, route, handler } of routes) {
    const methods = [method].flat().map((one) => one.toUpperCase() as HTTPMethods);
    for (const url of [route].flat()) {
      app.route({
        ...{ ...guarded, method: methods, url },
        handler: async (request, reply) => {
          const headers = request.headers as Record<string, string | undefined>;
          const params = request.params as Record<string, string>;
          const query = request.query as Record<string, string>;
          const body = request.body as Record<string, unknown>;
          const answer = await handler({ queues, uiConfig: config, headers, params, query, body });
          return reply.code(answer.status ?? 200).send(answer.body);
        },
      });
    }
  }
}

/** The places `<%= name %>` and, of what is no text, `<%- name %>` of a page. */
function filled(template: string, values: Readonly<Record<string, unknown>>): string {
  return template.replace(/<%([=-])\s*(\w+)\s*%>/g, (_, kind: string, name: string) => {
    const value = String(values[name] ?? '');
    return kind === '-' ? value : value.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
  });
}
