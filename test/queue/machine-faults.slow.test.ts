/** What happens to the machines of a queue while a batch is on it: nothing is lost, nothing comes twice, and it is said. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { type Ended, jsonEvents, softprompt } from '../cli/spawn-softprompt.js';
import { copyPackage } from '../packaging/copy-package.js';
import { postgresServer } from './postgres-server.js';
import { QUEUES, readyWorker, startWorker, stop, writeTexts } from './queue-world.js';

const scratch = mkdtempSync(join(tmpdir(), 'softprompt-machines-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
const at = (name: string) => join(scratch, name);
const env = { SOFTPROMPT_CACHE: at('cache') };
const SHARDS = 4;
const NODE = [process.execPath, resolve('dist/src/cli/main.js')];
const bin = process.env.SOFTPROMPT_TEST_POSTGRES_BIN;
const [, here = '', skip] = QUEUES.find(([, url]) => url !== undefined) ?? QUEUES[0];

/** Labels of the texts, in parts; each run is a job of its own, by the name of its data. */
function predict(name: string, ...more: string[]): Promise<Ended> {
  const rows = readFileSync(at('texts.csv'), 'utf8').trim().split('\n');
  const data = at(`${name}.csv`);
  writeFileSync(data, `${[...rows, `a text of its own ${name.length},good`].join('\n')}\n`);
  const place = ['--data', data, '--shards', String(SHARDS), '--out', at(`${name}-labels.csv`), '--threads', '1'];
  return softprompt(['predict', at('prompt'), ...place, '--json', ...more], { env });
}

/** The lists that came out: whole, each row once. */
function assertWhole(ended: Ended, name: string): void {
  assert.equal(ended.code, 0, ended.stdout.slice(-800) + ended.stderr);
  const manifest = JSON.parse(readFileSync(at(`${name}-labels.manifest.json`), 'utf8'));
  assert.equal(manifest.complete, true);
  const rows = Array.from({ length: SHARDS }, (_, i) =>
    readFileSync(at(`${name}-labels-0000${i + 1}-of-0000${SHARDS}.csv`), 'utf8')
      .trim()
      .split('\n')
      .slice(1),
  ).flat();
  const texts = readFileSync(at(`${name}.csv`), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  assert.deepEqual(
    rows.map((row) => row.split(',')[0]),
    texts.map((row) => row.split(',')[0]),
  );
}

/** What a worker says, from now on. */
function saidBy(child: ChildProcess): () => readonly Record<string, unknown>[] {
  let text = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  return () =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const notes = (ended: Ended) =>
  jsonEvents(ended)
    .filter(({ event }) => event === 'note')
    .map(({ text }) => String(text));

before(async () => {
  writeTexts(scratch, 400);
  const tuned = await softprompt(
    [
      ...['tune', '--model', 'embedded', '--train', at('texts.csv'), '--template', '[soft:4]{text} It is{label}'],
      ...['--labels', '{"good":" good","bad":" bad"}', '--max-steps', '3', '--no-head', '--no-baselines'],
      ...['--threads', '1', '--out', at('prompt'), '--json'],
    ],
    { env },
  );
  assert.equal(tuned.code, 0, tuned.stdout.slice(-500));
});

test('a PostgreSQL server that crashes in the middle of a batch and comes back: the batch ends as if it had not', {
  skip: bin === undefined && 'SOFTPROMPT_TEST_POSTGRES_BIN names no server (scripts/with-postgres.mjs)',
}, async () => {
  const server = postgresServer(bin!, await freePort());
  await server.start();
  const worker = await startWorker(server.url, 'lasting', at('cache-lasting'));
  const said = saidBy(worker);
  try {
    const running = predict('crash', '--on', server.url, '--store', at('store'));
    for (let wait = 0; wait < 600 && !said().some(({ event }) => event === 'job'); wait++) await later(50);
    await server.crash();
    await later(2000);
    await server.start();
    const ended = await running;
    assertWhole(ended, 'crash');
    assert.equal(worker.exitCode, null, 'the worker goes on');
    assertWhole(await predict('later', '--on', server.url, '--store', at('store')), 'later');
  } finally {
    await stop(worker);
    await server.end();
  }
});

describe('on a queue', { skip: here === '' && skip }, () => {
  const on = ['--on', here, '--store', at('store')];

  test('a worker whose disk is full gives its jobs to others, and says why', async () => {
    const limited = ['sh', '-c', 'ulimit -f 1; exec "$@"', 'sh', ...NODE];
    const full = await readyWorker(limited, here, 'full', at('cache-full'));
    const said = saidBy(full);
    try {
      const running = predict('disk', ...on);
      for (let wait = 0; wait < 600 && !said().some(({ event }) => event === 'passed'); wait++) await later(50);
      const sound = await startWorker(here, 'sound', at('cache-sound'));
      const ended = await running.finally(() => stop(sound));
      assertWhole(ended, 'disk');
      assert.ok(said().some(({ event, code }) => event === 'job failed' && /UNWRITABLE$/.test(String(code))));
      assert.ok(
        notes(ended).some((text) => /worker full gave .* back: .*cannot be written.*EFBIG/.test(text)),
        notes(ended).join('\n'),
      );
      const parts = jsonEvents(ended).filter(({ event }) => event === 'part ended');
      assert.deepEqual(new Set(parts.map(({ worker }) => worker)), new Set(['sound']));
    } finally {
      await stop(full);
    }
  });

  test('a worker of another version gives jobs back, and says so', async () => {
    const project = at('other-version');
    copyPackage(project, []);
    const copy = join(project, 'node_modules', 'softprompt');
    const description = JSON.parse(readFileSync(join(copy, 'package.json'), 'utf8'));
    writeFileSync(join(copy, 'package.json'), JSON.stringify({ ...description, version: '0.0.1' }));
    const old = await readyWorker([process.execPath, join(copy, 'dist/src/cli/main.js')], here, 'old', at('cache-old'));
    const said = saidBy(old);
    try {
      const running = predict('version', ...on);
      for (let wait = 0; wait < 600 && !said().some(({ event }) => event === 'passed'); wait++) await later(50);
      const right = await startWorker(here, 'right', at('cache-right'));
      const ended = await running.finally(() => stop(right));
      assertWhole(ended, 'version');
      const why = `it has softprompt 0.0.1, the job is of ${description.version}`;
      assert.ok(said().some((one) => one.event === 'passed' && one.why === why));
      assert.ok(
        notes(ended).some((text) => text.startsWith('worker old gave ') && text.endsWith(`back: ${why}`)),
        notes(ended).join('\n'),
      );
    } finally {
      await stop(old);
    }
  });

  test('a worker whose clock is an hour off does not start, and says how far it is', async () => {
    const shift = at('shift.mjs');
    writeFileSync(
      shift,
      `const now = Date.now;
globalThis.Date = class extends Date {
  constructor(...given) { if (given.length > 0) super(...given); else super(now() + 3_600_000); }
  static now() { return now() + 3_600_000; }
};\n`,
    );
    const ended = await softprompt(['worker', '--queue', here, '--name', 'early', '--cache', at('cache-early')], {
      env: { NODE_OPTIONS: `--import=${shift}` },
    });
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /QUEUE_CLOCK: The clock of this machine is 3[56]\d\d s before .*timedatectl/s);
  });

  test('two clients that start the same batch get it both, and it is done once', async () => {
    const worker = await startWorker(here, 'one', at('cache-one'));
    const said = saidBy(worker);
    try {
      mkdirSync(at('second'));
      const data = at('same.csv');
      writeFileSync(data, readFileSync(at('texts.csv'), 'utf8').replace('text,label\n', 'text,label\nthe same,good\n'));
      const ask = (out: string) =>
        softprompt(
          [
            ...['predict', at('prompt'), '--data', data, '--shards', String(SHARDS), '--threads', '1'],
            ...['--out', out, '--json', ...on],
          ],
          { env },
        );
      const both = await Promise.all([ask(at('same.out.csv')), ask(join(at('second'), 'same.out.csv'))]);
      for (const { code, stdout, stderr } of both) assert.equal(code, 0, stdout.slice(-500) + stderr);
      for (let i = 1; i <= SHARDS; i++) {
        const file = `same.out-0000${i}-of-0000${SHARDS}.csv`;
        assert.deepEqual(readFileSync(join(at('second'), file)), readFileSync(at(file)));
      }
      assert.equal(said().filter(({ event }) => event === 'job ended').length, SHARDS);
    } finally {
      await stop(worker);
    }
  });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((ready) => probe.once('listening', ready));
  const { port } = probe.address() as { port: number };
  await new Promise((closed) => probe.close(closed));
  return port;
}
