/**
 * Ten thousand requests that are wrong in some way: none may end in a 5xx, and the service must answer afterwards.
 *
 *   npm run build && node dist/bench/service/malformed.js [requests]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../src/random.js';
import { serve } from '../../src/server/serve.js';
import { machine, writeResult } from '../machine.js';
import { writeSmallPrompt, writeSmallRecommenders } from './made-prompts.js';

const wanted = Number(process.argv[2] ?? 10_000);
const folder = mkdtempSync(join(tmpdir(), 'malformed-'));
await writeSmallPrompt(join(folder, 'prompts', 'words'));
await writeSmallRecommenders(join(folder, 'prompts'), join(folder, 'spare'));
const server = await serve({
  ...{ folders: [join(folder, 'prompts')], port: 0, log: false, rateLimit: 2_000_000_000, bodyLimit: 2 ** 20 },
  store: join(folder, 'store'),
});
const { port } = new URL(server.url);

const random = new Random(5);
const pick = <T>(all: readonly T[]): T => all[random.integer(all.length)]!;
const PATHS = [
  ...['/v1/prompts/words/predict', '/v1/prompts/words/split', '/v1/prompts/words/rollback', '/v1/interactions'],
  ...['/v1/chat/completions', '/v1/completions', '/v1/embeddings', '/v1/models', '/v1/prompts', '/v1/recommenders'],
  ...['/v1/recommenders/lists/recommend', '/v1/recommenders/lists/similar', '/v1/recommenders/likes/preference'],
  ...['/v1/recommenders/lists/preference', '/v1/recommenders/likes/recommend', '/v1/recommenders/lists/split'],
  ...['/v1/recommenders/likes/rollback', '/v1/recommenders/lists', '/v1/recommenders/likes', '/v1/users/u1'],
  ...['/v1/recommenders/none/recommend', '/v1/users/%00/interactions', '/v1/users/%ff', '/v1/users/a%2Fb'],
  ...[
    '/v1/prompts/..%2f..%2fetc%2fpasswd',
    '/v1/prompts/%2e%2e/predict',
    '/docs/../../etc/passwd',
    '/docs/static/..%2f',
  ],
  ...[
    '/v1/interactions?after=-1',
    '/v1/interactions?limit=x&after=1e99',
    '/%',
    '//',
    '/metrics',
    '/openapi.json?a=%zz',
  ],
];
const VALUES: readonly unknown[] = [
  ...[null, true, -1, 1e308, '', '\0', '\ud800', 'x'.repeat(200_000), [], {}, [[[]]], { text: 1 }, { text: null }],
  ...[{ text: 'a\0b' }, { text: '\ud83d' }, { texts: [] }, { texts: [1] }, { rows: [{ text: ['x'] }] }, { rows: [{}] }],
  ...[{ __proto__: null, constructor: 'x' }, { weights: { a: -1 } }, { weights: {} }, { version: '../..' }],
  ...[{ model: 'words', messages: [] }, { model: 'words', messages: [{ role: 'x' }] }, { model: {} }],
  ...[
    { model: 'words', input: [''] },
    { model: 'words', input: '\0' },
    { model: 'words', prompt: 1 },
  ],
  ...[{ user: 'u1' }, { user: '\0' }, { user: 'u1', where: "read_text('/etc/passwd')" }, { user: 'u1', k: 1e9 }],
  ...[
    { user: 'u1', filters: { where: 'kind' } },
    { user: 'u1', filters: { where: '1; drop table items' } },
  ],
  ...[{ user: 'u1', candidates: ['i1', 'none'] }, { history: ['i1', '\ud800'] }, { user: 'u1', candidates: [] }],
  ...[
    { user: 'u1', where: '((((((((((1' },
    { user: 'u1', allow: ['x'] },
    { user: 'u1', candidates: [null] },
  ],
  ...[{ history: ['i1'], disliked: 'i2' }, { item: 'i1', where: 'a' }, { item: '' }, { user: 'u1', explain: 'yes' }],
  ...[
    { model: 'lists', input: ['', 'a'] },
    { model: 'likes', input: 'a' },
    { model: 'lists', input: 'x'.repeat(9999) },
  ],
  ...[{ interactions: [{}] }, { interactions: [{ event_id: '\0', user_id: 'a', item_id: 'b' }] }],
  { interactions: [{ event_id: 'e', user_id: 'u', item_id: 'i', time: 'yesterday' }] },
  { interactions: [{ event_id: 'e', user_id: 'u', item_id: 'i', time: 1e300, rating: 'good' }] },
  { interactions: [{ event_id: 'e', user_id: '\ud800', item_id: 'i' }] },
];
/** Bytes of something that was JSON once. */
function body(): Buffer {
  const text = Buffer.from(JSON.stringify(pick(VALUES)));
  switch (random.integer(5)) {
    case 0:
      return text.subarray(0, random.integer(text.length + 1));
    case 1:
      return Buffer.from(Array.from({ length: random.integer(300) }, () => random.integer(256)));
    case 2: {
      const changed = Buffer.from(text);
      if (changed.length > 0) changed[random.integer(changed.length)] = random.integer(256);
      return changed;
    }
    case 3:
      return Buffer.from(`{"text": ${'['.repeat(random.integer(20_000))}`);
    default:
      return text;
  }
}

function send(): Promise<number> {
  return new Promise((resolve) => {
    const sent = request(
      {
        ...{
          host: '127.0.0.1',
          port,
          path: pick(PATHS),
          method: pick(['POST', 'POST', 'PUT', 'GET', 'DELETE', 'PATCH']),
        },
        headers: {
          'content-type': pick([
            'application/json',
            'application/json',
            'text/plain',
            'application/xml',
            '',
            'x/y; charset=\\',
          ]),
          ...(random.integer(9) === 0 && { authorization: pick(['Bearer', 'Basic x', `Bearer ${'x'.repeat(5000)}`]) }),
          ...(random.integer(100) === 0 && { 'content-length': String(random.integer(1e6)) }),
        },
        timeout: 1_000,
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode!));
        response.on('error', () => resolve(0));
      },
    );
    sent.on('timeout', () => sent.destroy());
    sent.on('close', () => resolve(0));
    sent.on('error', () => resolve(0)); // it ended the connection, which is an answer to such a request
    sent.end(body());
  });
}
/** What is not even HTTP. */
function sendBytes(): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => {
      socket.write(
        pick([
          'GET',
          'POST / HTTP/9.9\r\n\r\n',
          '\0\0\0\0',
          'POST /v1/interactions HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n',
        ]),
      );
      setTimeout(() => socket.destroy(), 20);
    });
    let text = '';
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0)));
  });
}

const counts: Record<string, number> = {};
let left = wanted;
await Promise.all(
  Array.from({ length: 50 }, async () => {
    while (left-- > 0) {
      const status = await (random.integer(20) === 0 ? sendBytes() : send());
      counts[status] = (counts[status] ?? 0) + 1;
      if (left % 1000 === 0) console.log(left, counts);
    }
  }),
);
const after = await fetch(`${server.url}/v1/prompts/words/predict`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ text: 'fine' }),
});
await server.close();
rmSync(folder, { recursive: true, force: true });
const result = {
  what: 'requests with wrong paths, methods, types, keys and bodies, and bytes that are no HTTP; 0: the connection was ended',
  machine: machine(),
  requests: wanted,
  byStatus: counts,
  serverErrors: Object.entries(counts).reduce((sum, [status, count]) => sum + (Number(status) >= 500 ? count : 0), 0),
  afterwards: after.status,
};
console.log(result);
writeResult('bench/results/service-malformed.json', result);
process.exit(0);
