import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';

export interface FakeRepository {
  readonly commit?: string;
  readonly files: Files;
  /** What it held before, by commit. */
  readonly former?: Readonly<Record<string, Files>>;
}

type Files = Readonly<Record<string, Uint8Array | string>>;

export interface Recorded {
  readonly server: 'hub' | 'storage';
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** Answers a request in place of the fake, if it returns true. */
export type Fault = (request: Recorded, response: ServerResponse) => boolean;

/** A local server with the paths, headers and redirects of the Hugging Face hub; large files lie on another origin. */
export interface FakeHub {
  readonly endpoint: string;
  readonly repositories: Record<string, FakeRepository>;
  readonly requests: Recorded[];
  fault: Fault;
  /** The listing tells sizes and checksums; old mirrors' do not. */
  listsBlobs: boolean;
  close(): Promise<void>;
}

/** Files from this size on are stored as the hub stores large files. */
const LARGE = 1000;

export async function startFakeHub(repositories: Record<string, FakeRepository> = {}): Promise<FakeHub> {
  const fault = { current: (() => false) as Fault };
  const requests: Recorded[] = [];
  const listen = (name: Recorded['server'], answer: (path: string, to: Exchange) => void): Promise<Server> => {
    const server = createServer((request, response) => {
      const { method = '', url: path = '', headers } = request;
      const recorded = { server: name, method, path, range: headers.range, authorization: headers.authorization };
      requests.push(recorded);
      if (!fault.current(recorded, response)) answer(path, { request, response });
    });
    return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
  };

  const storage = await listen('storage', (path, exchange) => {
    if (exchange.request.method !== 'GET') return void exchange.response.writeHead(403).end();
    const bytes = allFiles(hub.repositories).find((file) => sha256(file) === path.slice(1))!;
    send(exchange, bytes, {});
  });
  const server = await listen('hub', (path, exchange) => {
    const { repository, name, revision, file } = parsePath(path);
    const known = hub.repositories[name];
    if (known === undefined) return refuse(exchange, 401, 'RepoNotFound', 'Repository not found');
    const former = known.former?.[revision];
    const commit = former ? revision : (known.commit ?? COMMIT);
    const files = former ?? known.files;
    if (!['main', 'v1', 'refs/pr/1', commit].includes(revision)) {
      return refuse(exchange, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
    }
    if (repository === 'listing') {
      const body = JSON.stringify({ id: name, sha: commit, siblings: siblings(files, hub.listsBlobs) });
      return send(exchange, Buffer.from(body), {});
    }
    const content = files[file];
    if (content === undefined) return refuse(exchange, 404, 'EntryNotFound', 'Entry not found');
    const bytes = Buffer.from(content);
    if (bytes.length < LARGE) return send(exchange, bytes, { etag: `"${gitSha1(bytes)}"`, 'x-repo-commit': commit });
    exchange.response.writeHead(302, {
      location: `${origin(storage)}/${sha256(bytes)}`,
      'x-linked-etag': `"${sha256(bytes)}"`,
      'x-linked-size': bytes.length,
      'x-repo-commit': commit,
    });
    exchange.response.end();
  });

  const hub: FakeHub = {
    endpoint: origin(server),
    repositories,
    requests,
    listsBlobs: true,
    get fault() {
      return fault.current;
    },
    set fault(next) {
      fault.current = next;
    },
    close: async () => {
      for (const each of [server, storage]) {
        each.closeAllConnections();
        await new Promise((resolve) => each.close(resolve));
      }
    },
  };
  return hub;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function gitSha1(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

function parsePath(path: string): { repository: 'listing' | 'file'; name: string; revision: string; file: string } {
  const listing = /^\/api\/models\/(?<name>.+)\/revision\/(?<revision>[^/?]+)/.exec(path)?.groups;
  if (listing !== undefined) {
    return { repository: 'listing', name: listing.name!, revision: decodeURIComponent(listing.revision!), file: '' };
  }
  const { name, revision, file } = /^\/(?<name>.+)\/resolve\/(?<revision>[^/]+)\/(?<file>.+)$/.exec(path)?.groups ?? {};
  return { repository: 'file', name: name!, revision: revision!, file: decodeURIComponent(file!) };
}

function siblings(files: Files, withBlobs: boolean): unknown[] {
  return Object.entries(files).map(([rfilename, content]) => {
    const bytes = Buffer.from(content);
    if (!withBlobs) return { rfilename };
    const lfs = bytes.length < LARGE ? {} : { lfs: { sha256: sha256(bytes), size: bytes.length, pointerSize: 130 } };
    return { rfilename, size: bytes.length, blobId: gitSha1(bytes), ...lfs };
  });
}

function send({ request, response }: Exchange, bytes: Uint8Array, headers: Record<string, string>): void {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (start >= bytes.length && start > 0) return void response.writeHead(416).end();
  const body = bytes.subarray(start);
  const range = { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(start > 0 ? 206 : 200, {
    ...headers,
    'content-length': body.length,
    ...(start > 0 ? range : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function refuse({ response }: Exchange, status: number, code: string, message: string): void {
  response.writeHead(status, { 'x-error-code': code, 'x-error-message': message }).end();
}

function allFiles(repositories: Record<string, FakeRepository>): Buffer[] {
  return Object.values(repositories).flatMap(({ files, former = {} }) =>
    [files, ...Object.values(former)].flatMap((held) => Object.values(held).map((content) => Buffer.from(content))),
  );
}

function origin(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
