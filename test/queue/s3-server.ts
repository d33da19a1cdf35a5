import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a server does in place of an answer: a status, or an answer that breaks off half way. */
export type Fault = number | 'torn' | 'cut';

export interface S3Server {
  /** Key → bytes, of the one bucket `files`. */
  readonly objects: Map<string, Buffer>;
  /** `METHOD key`, as they came. */
  readonly asked: string[];
  /** The next answers to a method. */
  readonly faults: { readonly GET: Fault[]; readonly PUT: Fault[]; readonly HEAD: Fault[] };
  readonly env: Readonly<Record<string, string>>;
  /** Whether it knows ranges and conditions. */
  plain: boolean;
  close(): Promise<void>;
}

export const ACCESS_KEY = 'softprompt-test';

/** A server that speaks as much of S3 as a store of files needs; it asks for a signature by ACCESS_KEY. */
export async function s3Server(): Promise<S3Server> {
  const objects = new Map<string, Buffer>();
  const asked: string[] = [];
  const faults: S3Server['faults'] = { GET: [], PUT: [], HEAD: [] };
  const settings = { plain: false };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const [, bucket, key = ''] = /^\/([^/]+)\/(.*?)(?:\?.*)?$/.exec(request.url!)!;
    const method = request.method as 'GET' | 'PUT' | 'HEAD';
    asked.push(`${method} ${key}`);
    const end = (status: number, code = '') => {
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(
        method === 'HEAD' || code === '' ? '' : `<Error><Code>${code}</Code><Message>${code}</Message></Error>`,
      );
    };
    const body = await bytesOf(request);
    if (body === undefined) return response.destroy();
    const fault = faults[method].shift();
    const signed = String(request.headers.authorization);
    if (!signed.startsWith(`AWS4-HMAC-SHA256 Credential=${ACCESS_KEY}/`)) return end(403, 'InvalidAccessKeyId');
    if (typeof fault === 'number') return end(fault, fault === 501 ? 'NotImplemented' : 'Fault');
    if (bucket !== 'files') return end(404, 'NoSuchBucket');
    const known = objects.get(key);
    if (method === 'PUT') {
      if (request.headers['if-none-match'] === '*') {
        if (settings.plain) return end(501, 'NotImplemented');
        if (known) return end(412, 'PreconditionFailed');
      }
      const sum = request.headers['x-amz-checksum-sha256'];
      if (sum !== createHash('sha256').update(body).digest('base64')) return end(400, 'BadDigest');
      objects.set(key, body);
      return end(200);
    }
    if (known === undefined) return end(404, 'NoSuchKey');
    const [, start] = settings.plain ? [] : (/^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? []);
    const sent = start === undefined ? known : known.subarray(Number(start));
    const range = start === undefined ? {} : { 'content-range': `bytes ${start}-${known.length - 1}/${known.length}` };
    // `cut`: the server says that the beginning is all
    const length = fault === 'cut' ? Math.floor(sent.length / 2) : sent.length;
    response.writeHead(start === undefined ? 200 : 206, { 'content-length': length, ...range });
    if (method === 'HEAD') return response.end();
    if (fault === undefined) return response.end(sent);
    response.write(sent.subarray(0, Math.floor(sent.length / 2)), () => fault === 'torn' && response.destroy());
    if (fault === 'cut') response.end();
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return Object.assign(settings, {
    ...{ objects, asked, faults },
    env: {
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: ACCESS_KEY,
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  });
}

/** Undefined where the request breaks off. */
async function bytesOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  } catch {
    return undefined;
  }
}
