import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { jsonEvents, softprompt } from '../cli/spawn-softprompt.js';
import { QUEUES, startWorker, stop, writeTexts } from './queue-world.js';
import { s3Server } from './s3-server.js';

const scratch = mkdtempSync(join(tmpdir(), 'softprompt-queue-'));
after(() => rmSync(scratch, { recursive: true }));
const MODEL = 'embedded';
const at = (name: string) => join(scratch, name);

/** What a command says at its end. */
async function run(...args: string[]) {
  const ended = await softprompt([...args, '--json'], { cwd: scratch, env: { SOFTPROMPT_CACHE: at('cache') } });
  const events = jsonEvents(ended);
  assert.equal(ended.code, 0, `${args.join(' ')}\n${ended.stdout.slice(-500)}\n${ended.stderr}`);
  return { events, result: events.at(-1)! };
}

const LABELS = '{"good":" good","bad":" bad"}';
const tune = (out: string, ...more: string[]) =>
  run(
    ...['tune', '--model', MODEL, '--train', at('texts.csv'), '--template', '[soft:4]{text} It is{label}'],
    ...[
      '--labels',
      LABELS,
      '--max-steps',
      '6',
      '--seeds',
      '2',
      '--no-head',
      '--threads',
      '1',
      '--out',
      at(out),
      ...more,
    ],
  );
const accuracies = (runs: unknown) =>
  (runs as { readonly valid: { readonly accuracy: number } }[]).map(({ valid }) => valid.accuracy);
const bytes = (folder: string, name: string) => readFileSync(join(at(folder), name));

for (const [name, url = '', skip] of QUEUES) {
  describe(`commands with --on a queue on ${name}`, { skip: url === '' && skip }, () => {
    const on = ['--on', url, '--store', at('store')];
    const folder = (what: string) => `${what}-${name}`;
    before(async () => {
      writeTexts(scratch, 60);
      await tune(folder('local'));
    });

    test('seeds by two workers give the bits that one process gives, and are asked for once', async () => {
      const workers = [await startWorker(url, 'a', at('cache-a')), await startWorker(url, 'b', at('cache-b'))];
      try {
        const { events, result } = await tune(folder('remote'), ...on);
        const ended = events.filter(({ event }) => event === 'part ended');
        assert.deepEqual(
          ended.map(({ part }) => part),
          ['seed-0', 'seed-1'],
        );
        for (const file of ['adapter_model.safetensors', 'initial_embeddings.safetensors'])
          assert.deepEqual(bytes(folder('remote'), file), bytes(folder('local'), file), file);
        const local = JSON.parse(String(bytes(folder('local'), 'result.json')));
        assert.deepEqual(accuracies(result.runs), accuracies(local.runs));
        assert.ok(!readdirSync(at(folder('remote'))).includes('training'));

        const again = await tune(folder('again'), ...on);
        assert.deepEqual(again.events.filter(({ event }) => event === 'part').length, 0, 'nothing is done twice');
        assert.deepEqual(
          bytes(folder('again'), 'adapter_model.safetensors'),
          bytes(folder('local'), 'adapter_model.safetensors'),
        );

        const data = ['--data', at('texts.csv')];
        const parts = [...data, '--shards', '2', '--threads', '1'];
        await run('predict', at(folder('local')), ...parts, '--out', at(`${name}-here.csv`));
        await run('predict', at(folder('local')), ...parts, '--out', at(`${name}-there.csv`), ...on);
        const shard = (place: string, index: number) => readFileSync(at(`${name}-${place}-0000${index}-of-00002.csv`));
        for (const index of [1, 2]) assert.deepEqual(shard('there', index), shard('here', index));
        assert.ok(JSON.parse(readFileSync(at(`${name}-there.manifest.json`), 'utf8')).complete);
        const whole = await run('predict', at(folder('local')), ...data, '--out', at(`${name}.jsonl`), ...on);
        assert.equal(whole.result.predictions, 60);
        const rows = readFileSync(at(`${name}.jsonl`), 'utf8')
          .trim()
          .split('\n');
        const texts = readFileSync(at('texts.csv'), 'utf8').trim().split('\n').slice(1);
        assert.deepEqual(
          rows.map((row) => JSON.parse(row).text),
          texts.map((row) => row.split(',')[0]),
        );

        const here = await run('evaluate', at(folder('local')), ...data, '--threads', '1');
        const there = await run('evaluate', at(folder('local')), ...data, ...on);
        assert.deepEqual(there.result, here.result);

        const { result: list } = await run('jobs', 'list', '--queue', url);
        assert.deepEqual([...(list.workers as string[])].sort(), ['a', 'b']);
        const one = (list.jobs as { id: string }[]).find(({ id }) => id.startsWith('tune-'));
        const shown = await run('jobs', 'show', one!.id, '--queue', url);
        assert.equal(shown.result.state, 'completed');
      } finally {
        for (const worker of workers) await stop(worker);
      }
    });

    test('files go through S3 as through a folder', async () => {
      const server = await s3Server();
      const outside = { ...process.env };
      Object.assign(process.env, server.env);
      const store = ['--store', 's3://files/jobs'];
      const worker = await startWorker(url, 's3', at('cache-s3'), ...store);
      try {
        const parts = ['--data', at('texts.csv'), '--shards', '3', '--threads', '1'];
        await run('predict', at(folder('local')), ...parts, '--out', at(`${name}-local.csv`));
        await run('predict', at(folder('local')), ...parts, '--out', at(`${name}-s3.csv`), '--on', url, ...store);
        for (const part of ['00001', '00002', '00003'])
          assert.deepEqual(
            readFileSync(at(`${name}-s3-${part}-of-00003.csv`)),
            readFileSync(at(`${name}-local-${part}-of-00003.csv`)),
          );
        assert.ok(server.objects.size >= 5, 'prompt, data, and what was made');
      } finally {
        await stop(worker);
        process.env = outside;
        await server.close();
      }
    });

    test('a worker answers by what a folder holds now, not by what it opened before', async () => {
      const worker = await startWorker(url, 'e', at('cache-e'));
      try {
        const data = ['--data', at('texts.csv'), '--shards', '1', '--threads', '1', '--overwrite'];
        const answers = async (...more: string[]) => {
          await run('predict', at(folder('changing')), ...data, '--out', at(`${name}-changing.csv`), ...more);
          return readFileSync(at(`${name}-changing-00001-of-00001.csv`), 'utf8');
        };
        await tune(folder('changing'), '--seeds', '1');
        const before = await answers(...on);
        await tune(folder('changing'), '--seeds', '1', '--seed', '9', '--overwrite');
        const after = await answers(...on);
        assert.notEqual(after, before);
        assert.equal(after, await answers());
      } finally {
        await stop(worker);
      }
    });

    test('a worker that is killed loses nothing', async () => {
      const longer = ['--max-steps', '40', '--folds', '0'];
      const doomed = await startWorker(url, 'doomed', at('cache-a'));
      const heir = new Promise<Awaited<ReturnType<typeof startWorker>>>((done) => {
        const killing = async () => {
          await stop(doomed, 'SIGKILL');
          done(await startWorker(url, 'heir', at('cache-b')));
        };
        setTimeout(killing, 3000);
      });
      await tune(folder('killed'), ...on, ...longer).finally(async () => stop(await heir));
      await tune(folder('unkilled'), ...longer);
      assert.deepEqual(
        bytes(folder('killed'), 'adapter_model.safetensors'),
        bytes(folder('unkilled'), 'adapter_model.safetensors'),
      );
    });

    test("a mistake of the job's comes back as its own error; an unknown job is said to be so", async () => {
      const worker = await startWorker(url, 'c', at('cache-a'));
      try {
        const args = ['evaluate', at(folder('local')), '--data', at('none.csv'), ...on, '--json'];
        const ended = await softprompt(args, { env: { SOFTPROMPT_CACHE: at('cache') } });
        assert.deepEqual([ended.code, jsonEvents(ended).at(-1)!.code], [1, 'DATA_FILE_UNREADABLE']);
        const unknown = await softprompt(['jobs', 'retry', 'nothing', '--queue', url, '--json']);
        assert.equal(jsonEvents(unknown).at(-1)!.code, 'QUEUE_JOB_UNKNOWN');
      } finally {
        await stop(worker);
      }
    });
  });
}
