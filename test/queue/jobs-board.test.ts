import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { SoftpromptError } from '../../src/errors.js';
import { openQueue, openWorker } from '../../src/queue/bull.js';
import type { JobQueue, QueueWorker } from '../../src/queue/job-queue.js';
import { addKey } from '../../src/server/access.js';
import { type RunningServer, serve } from '../../src/server/serve.js';
import { QUEUES } from './queue-world.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-board-'));
after(() => rmSync(folder, { recursive: true }));

for (const [name, url = '', skip] of QUEUES) {
  describe(`the dashboard of a queue on ${name}`, { skip: url === '' && skip }, () => {
    const keys = join(folder, `${name}.json`);
    const id = `board-${process.pid}-${Date.now()}`;
    let server: RunningServer;
    let queue: JobQueue;
    let worker: QueueWorker;
    let tries = 0;
    const logins: Record<string, string> = {};
    const ask = (path: string, who?: string, more: { method?: string; headers?: Record<string, string> } = {}) => {
      const login = who && `Basic ${Buffer.from(`me:${logins[who]}`).toString('base64')}`;
      const headers = { ...more.headers, ...(login && { authorization: login }) };
      return fetch(`${server.url}${path}`, { ...more, headers });
    };
    const ends = async () => {
      for (;;) {
        const now = (await queue.read(id))!;
        if (now.state === 'dead' || now.state === 'completed') return now;
        await later(50);
      }
    };

    before(async () => {
      logins.manager = await addKey(keys, 'manager', ['manage']);
      logins.shop = await addKey(keys, 'shop', ['ask', 'record', 'people']);
      server = await serve({ folders: [folder], port: 0, keys, jobs: url, log: false });
      queue = await openQueue(url);
      const doJob = async () => {
        tries += 1;
        if (tries > 1) return 'better';
        throw new SoftpromptError('DATA_EMPTY', { found: 'No row', expected: 'one', fix: 'Add one.' });
      };
      worker = await openWorker(url, { name: 'board', lease: 5, doJob, onProblem: () => {} });
      await queue.add([{ id, title: 'predict part-1', data: { secret: 'texts' }, priority: 0 }]);
      await ends();
    });
    after(async () => {
      await worker.close();
      await queue.close();
      await server.close();
    });

    test('is behind the keys of who may manage: nothing of it is told to others', async () => {
      for (const path of ['/jobs', '/jobs/', '/jobs/api/queues', '/jobs/queue/softprompt', '/jobs/static/js/main.js']) {
        const nobody = await ask(path);
        assert.equal(nobody.status, 401, path);
        assert.match(nobody.headers.get('www-authenticate')!, /^Basic /, 'a browser asks for it');
        assert.equal((await ask(path, 'shop')).status, 403, path);
      }
      const byBearer = await ask('/jobs/api/queues', undefined, {
        headers: { authorization: `Bearer ${logins.manager}` },
      });
      assert.equal(byBearer.status, 200);
      const elsewhere = await ask('/metrics', 'manager');
      assert.equal(elsewhere.status, 401, 'a login by a browser counts here alone');
    });

    test('is a page with all that it needs, under a policy that lets nothing else in', async () => {
      const page = await ask('/jobs', 'manager');
      assert.equal(page.status, 200);
      const policy = page.headers.get('content-security-policy')!;
      assert.match(policy, /default-src 'none'; script-src 'self'/);
      const html = await page.text();
      assert.match(html, /<base href="\/jobs\/"/);
      assert.match(html, /softprompt jobs/);
      assert.doesNotMatch(html, /<%|https?:/);
      const parts = [...html.matchAll(/(?:src|href)="(static\/[^"]+)"/g)].map(([, path]) => path!);
      assert.ok(parts.length >= 4);
      for (const path of parts) {
        const part = await ask(`/jobs/${path}`, 'manager');
        assert.equal(part.status, 200, path);
        if (path.endsWith('.js')) assert.match(part.headers.get('content-type')!, /javascript/);
        assert.ok((await part.text()).length > 0);
      }
      assert.equal((await ask('/jobs/static/..%2findex.ejs', 'manager')).status, 404);
    });

    test('shows jobs with their reasons and their workers, and begins one again', async () => {
      const shown = await ask('/jobs/api/queues?activeQueue=softprompt&status=failed&page=1&jobsPerPage=50', 'manager');
      assert.equal(shown.status, 200);
      const { queues } = (await shown.json()) as {
        queues: { name: string; counts: Record<string, number>; jobs: { id: string; failedReason: string }[] }[];
      };
      assert.deepEqual(
        queues.map((one) => one.name),
        ['softprompt'],
      );
      const job = queues[0]!.jobs.find((one) => one.id === id);
      assert.match(job!.failedReason, /DATA_EMPTY/);
      const retry = `/jobs/api/queues/softprompt/${id}/retry`;
      const foreign = { method: 'PUT', headers: { 'sec-fetch-site': 'cross-site' } };
      assert.equal((await ask(retry, 'manager', foreign)).status, 403, 'not from a page of another site');
      const again = await ask(retry, 'manager', { method: 'PUT', headers: { 'sec-fetch-site': 'same-origin' } });
      assert.equal(again.status, 204, await again.text());
      for (let wait = 0; wait < 100 && tries < 2; wait++) await later(50);
      assert.deepEqual((await ends()).result, 'better');
    });

    test('is open where the service is: on this machine, without keys', async () => {
      const open = await serve({ folders: [folder], port: 0, jobs: url, log: false });
      const page = await fetch(`${open.url}/jobs/api/queues`);
      assert.equal(page.status, 200);
      assert.equal((await fetch(`${open.url}/openapi.json`).then((one) => one.text())).includes('/jobs'), false);
      await open.close();
    });
  });
}

test('a queue that is not there ends the start; without --jobs there is no dashboard', async () => {
  await assert.rejects(serve({ folders: [folder], port: 0, jobs: 'redis://127.0.0.1:1', log: false }), {
    code: 'QUEUE_UNREACHABLE',
  });
  const server = await serve({ folders: [folder], port: 0, log: false });
  assert.equal((await fetch(`${server.url}/jobs`)).status, 404);
  await server.close();
});
