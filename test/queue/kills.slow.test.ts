import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { jsonEvents, softprompt } from '../cli/spawn-softprompt.js';
import { QUEUES, startWorker, stop, writeTexts } from './queue-world.js';

const scratch = mkdtempSync(join(tmpdir(), 'softprompt-kills-'));
after(() => rmSync(scratch, { recursive: true }));
const at = (name: string) => join(scratch, name);
const KILLS = Number(process.env.SOFTPROMPT_TEST_KILLS ?? 3);
const SHARDS = Math.max(6, KILLS);

async function run(...args: string[]) {
  const env = { SOFTPROMPT_CACHE: at('cache'), SOFTPROMPT_STORE: at('store') };
  const ended = await softprompt([...args, '--json'], { cwd: scratch, env });
  assert.equal(ended.code, 0, `${args.join(' ')}\n${ended.stdout.slice(-500)}\n${ended.stderr}`);
  return jsonEvents(ended);
}

for (const [name, url = '', skip] of QUEUES) {
  describe(`a batch on a queue on ${name}`, { skip: url === '' && skip }, () => {
    const predict = (out: string, ...more: string[]) =>
      run(
        ...['predict', at('prompt'), '--data', at('texts.csv'), '--shards', String(SHARDS), '--threads', '1'],
        ...['--out', at(`${name}-${out}.csv`), ...more],
      );
    const shard = (out: string, index: number) => {
      const number = (part: number) => String(part).padStart(5, '0');
      return readFileSync(at(`${name}-${out}-${number(index)}-of-${number(SHARDS)}.csv`));
    };
    before(async () => {
      writeTexts(scratch, 120 * SHARDS);
      await run(
        ...['tune', '--model', 'embedded', '--train', at('texts.csv'), '--template', '[soft:4]{text} It is{label}'],
        ...['--labels', '{"good":" good","bad":" bad"}', '--max-steps', '2', '--no-head', '--no-baselines'],
        ...['--out', at('prompt'), '--overwrite'],
      );
    });

    test(`workers killed again and again (${KILLS} times) under two clients that ask for the same: each row once, the same bytes`, async () => {
      await predict('here');
      let ended = 0;
      const clients = ['a', 'b'].map(async (out) => {
        const events = await predict(out, '--on', url);
        ended += 1;
        return events;
      });
      let worker = await startWorker(url, 'w0', at('cache-w'));
      let kills = 0;
      while (kills < KILLS && ended < 2) {
        await later(900 + 100 * (kills % 7));
        await stop(worker, 'SIGKILL');
        kills += 1;
        worker = await startWorker(url, `w${kills}`, at('cache-w'));
      }
      const told = await Promise.all(clients);
      await stop(worker);
      console.log(`${kills} kills on ${name}, ${SHARDS} shards`);
      for (const out of ['a', 'b'])
        for (let index = 1; index <= SHARDS; index++) assert.deepEqual(shard(out, index), shard('here', index));
      const jobs = told.map((events) => events.filter(({ event }) => event === 'part ended').map(({ job }) => job));
      assert.equal(new Set(jobs.flat()).size, SHARDS, 'both wait for the same jobs');
    });
  });
}
