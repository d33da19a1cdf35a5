import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { jsonEvents, softprompt } from '../cli/spawn-softprompt.js';
import { startWorker, stop, writeTexts } from './queue-world.js';

const program = process.env.SOFTPROMPT_TEST_REDIS_SERVER;
const scratch = mkdtempSync(join(tmpdir(), 'softprompt-faults-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
const KILLS = Number(process.env.SOFTPROMPT_TEST_KILLS ?? 3);

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((ready) => probe.once('listening', ready));
  const { port } = probe.address() as { port: number };
  await new Promise((closed) => probe.close(closed));
  return port;
}

/** A Redis server without a disk: when it ends it has forgotten everything. */
function redis(port: number) {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', scratch, '--save', ''];
  return spawn(program!, args, { stdio: 'ignore' });
}

test('workers killed again and again, and a Redis that restarts and has forgotten all: nothing is lost, nothing is done otherwise', {
  skip: program === undefined && 'SOFTPROMPT_TEST_REDIS_SERVER names no server (scripts/with-redis.mjs)',
}, async () => {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let server = redis(port);
  await later(500);
  const data = writeTexts(scratch, 400);
  const env = { SOFTPROMPT_CACHE: join(scratch, 'cache'), SOFTPROMPT_STORE: join(scratch, 'store') };
  const tune = (out: string, ...more: string[]) =>
    softprompt(
      [
        ...['tune', '--model', 'embedded', '--train', data, '--template', '[soft:4]{text} It is{label}'],
        ...['--labels', '{"good":" good","bad":" bad"}', '--max-steps', '20', '--seeds', '4', '--threads', '1'],
        ...['--no-head', '--out', join(scratch, out), '--json', ...more],
      ],
      { env },
    );
  let ended = false;
  const running = tune('remote', '--on', url).finally(() => {
    ended = true;
  });
  let worker = await startWorker(url, 'w0', join(scratch, 'w'));
  for (let kill = 1; kill <= KILLS && !ended; kill++) {
    await later(1500);
    await stop(worker, 'SIGKILL');
    if (kill === 2) {
      await stop(server, 'SIGKILL');
      server = redis(port);
      await later(500);
    }
    worker = await startWorker(url, `w${kill}`, join(scratch, 'w'));
  }
  const remote = await running;
  assert.equal(remote.code, 0, remote.stdout.slice(-600) + remote.stderr);
  await stop(worker);
  await stop(server);
  const parts = jsonEvents(remote).filter(({ event }) => event === 'part ended');
  assert.deepEqual(
    parts.map(({ part }) => part),
    ['seed-0', 'seed-1', 'seed-2', 'seed-3'],
  );
  assert.equal((await tune('local')).code, 0);
  const learned = (out: string) => readFileSync(join(scratch, out, 'adapter_model.safetensors'));
  assert.deepEqual(learned('remote'), learned('local'));
});
