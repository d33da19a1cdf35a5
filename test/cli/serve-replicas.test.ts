/** Several services on one PostgreSQL, behind a proxy: what one is told all do, also one that was killed and started anew. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { tunePrompt } from '../../src/tasks/tune-prompt.js';
import { wordTask, wordTaskFolder } from '../tasks/word-task.js';
import { ownDatabase } from './own-database.js';
import { type StartedService, startService, stopService } from './start-service.js';

const server = await ownDatabase(process.env.SOFTPROMPT_TEST_DATABASE);
const USERS = Array.from({ length: 40 }, (_, i) => `user-${i}`);

interface Told {
  readonly version: string;
  readonly share: number;
}

describe('three services on one PostgreSQL server', {
  skip: server === undefined && 'SOFTPROMPT_TEST_DATABASE names no server',
}, () => {
  const folder = wordTaskFolder();
  const shelf = join(folder, 'shelf');
  const replicas: StartedService[] = [];
  const start = () => startService([shelf, '--port', '0', '--store', server!]);
  let proxy: Server;
  let address: string;

  before(async () => {
    mkdirSync(shelf);
    for (const [seed, out] of [
      [1, join(shelf, 'words')],
      [2, join(folder, 'second')],
    ] as const)
      await tunePrompt({ ...wordTask(folder, `seed ${seed}`), out, seed, maxSteps: 3, baselines: false });
    for (let i = 0; i < 3; i++) replicas.push(await start());
    proxy = roundRobin(() => replicas.map(({ url }) => url));
    await new Promise<void>((ready) => proxy.listen(0, '127.0.0.1', ready));
    address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  });
  after(async () => {
    proxy?.closeAllConnections();
    proxy?.close();
    for (const replica of replicas) await stopService(replica);
    rmSync(folder, { recursive: true });
  });

  // biome-ignore lint/suspicious/noExplicitAny: bodies of many forms
  const ask = async (url: string, method: string, path: string, body?: unknown): Promise<any> => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    const answer = await response.json();
    assert.equal(response.status, 200, JSON.stringify(answer));
    return answer;
  };
  const versions = async (url: string): Promise<Told[]> =>
    (await ask(url, 'GET', '/v1/prompts/words')).versions.map(({ version, share }: Told) => ({ version, share }));
  /** When all services say so. @returns after how many milliseconds */
  const agreed = async (holds: (told: readonly Told[]) => boolean): Promise<number> => {
    const start = performance.now();
    for (let wait = 0; wait < 600; wait++) {
      const told = await Promise.all(replicas.map(({ url }) => versions(url)));
      if (told.every(holds)) return Math.round(performance.now() - start);
      await later(20);
    }
    throw new Error(
      `they never agreed: ${JSON.stringify(await Promise.all(replicas.map(({ url }) => versions(url))))}`,
    );
  };
  const shareOf = (told: readonly Told[], id: string) => told.find(({ version }) => version === id)?.share;
  const answer = async (url: string, user: string): Promise<string> =>
    (await ask(url, 'POST', '/v1/prompts/words/predict', { text: 'the sun is up', user })).version;
  /** Which version answers each person: the same at all services. */
  const chosen = async (): Promise<string[]> => {
    const [first, ...others] = await Promise.all(
      replicas.map(({ url }) => Promise.all(USERS.map((user) => answer(url, user)))),
    );
    for (const other of others) assert.deepEqual(other, first);
    return first!;
  };
  const counts = (list: readonly string[]) =>
    [...new Set(list)].map((one) => list.filter((other) => other === one).length);

  it('agree on events, a new version, a split and a way back, with one killed and begun anew meanwhile', async (t) => {
    await ask(replicas[0]!.url, 'POST', '/v1/interactions', {
      interactions: [{ event_id: 'e1', user_id: 'ann', item_id: 'b1' }],
    });
    for (const { url } of replicas)
      assert.equal((await ask(url, 'GET', '/v1/users/ann/interactions')).interactions.length, 1);

    const [old] = await versions(address);
    cpSync(join(folder, 'second'), join(folder, 'coming'), { recursive: true });
    renameSync(join(shelf, 'words'), join(folder, 'first'));
    renameSync(join(folder, 'coming'), join(shelf, 'words'));
    t.diagnostic(
      `a new version answers everywhere after ${await agreed((told) => told.length === 2 && told[1]!.share === 1)} ms`,
    );
    const [, young] = await versions(address);

    const weights = { [old!.version]: 1, [young!.version]: 1 };
    await ask(replicas[0]!.url, 'PUT', '/v1/prompts/words/split', { weights });
    t.diagnostic(`a split holds everywhere after ${await agreed((told) => shareOf(told, old!.version) === 0.5)} ms`);
    const halves = await chosen();
    assert.ok(counts(halves).length === 2 && Math.min(...counts(halves)) >= 8, `${counts(halves)}`);
    assert.deepEqual(new Set(halves), new Set([old!.version, young!.version]));

    replicas[2]!.child.kill('SIGKILL');
    await replicas[2]!.ended;
    for (let i = 0; i < 6; i++) assert.equal(await answer(address, USERS[0]!), halves[0], 'the others go on');
    replicas.pop();
    await ask(address, 'PUT', '/v1/prompts/words/split', { weights: { [old!.version]: 1, [young!.version]: 3 } });
    await agreed((told) => shareOf(told, young!.version) === 0.75);
    replicas.push(await start());
    assert.deepEqual(
      await versions(replicas[2]!.url),
      await versions(replicas[0]!.url),
      'the killed one has both versions, of which its folder has one',
    );
    const quarters = await chosen();
    assert.ok(
      quarters.filter((one) => one === old!.version).length < halves.filter((one) => one === old!.version).length,
    );

    await ask(replicas[2]!.url, 'POST', '/v1/prompts/words/rollback', {});
    t.diagnostic(`a way back holds everywhere after ${await agreed((told) => shareOf(told, old!.version) === 1)} ms`);
    assert.deepEqual(new Set(await chosen()), new Set([old!.version]));
    await stopService(replicas[0]!);
    replicas[0] = await start();
    assert.deepEqual(new Set(await chosen()), new Set([old!.version]), 'it holds over a start');
  });
});

/** Sends each request to the next service; one that does not answer is passed over. */
function roundRobin(urls: () => readonly string[]): Server {
  let turn = 0;
  return createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const all = urls();
    const attempt = (left: number) => {
      const { hostname, port } = new URL(all[turn++ % all.length]!);
      const { method, url: path, headers } = incoming;
      const asked = request({ hostname, port, method, path, headers, agent: false }, (answer) => {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(outgoing);
      });
      asked.on('error', () => (left > 0 ? attempt(left - 1) : outgoing.writeHead(502).end()));
      asked.end(Buffer.concat(chunks));
    };
    attempt(all.length);
  });
}
