import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { jsonEvents, type SpawnOptions, softprompt } from '../cli/spawn-softprompt.js';
import { QUEUES, startWorker, stop, writeTexts } from './queue-world.js';

const scratch = mkdtempSync(join(tmpdir(), 'softprompt-pieces-'));
after(() => rmSync(scratch, { recursive: true }));
const at = (name: string) => join(scratch, name);
const KILLS = Number(process.env.SOFTPROMPT_TEST_KILLS ?? 3);
const LABELS = '{"good":" good","bad":" bad"}';

async function run(args: readonly string[], options: SpawnOptions = {}) {
  const env = { SOFTPROMPT_CACHE: at('cache'), SOFTPROMPT_STORE: at('store') };
  const ended = await softprompt([...args, '--json'], { cwd: scratch, env, ...options });
  return {
    ...ended,
    events: jsonEvents(ended),
    said: `${args.join(' ')}\n${ended.stdout.slice(-500)}\n${ended.stderr}`,
  };
}

const tuning = (out: string, template: string, ...more: string[]) => [
  ...['tune', '--model', 'embedded', '--train', at('texts.csv'), '--template', template, '--labels', LABELS],
  ...['--batch-size', '12', '--folds', '0', '--no-head', '--no-baselines', '--threads', '1', '--out', at(out), ...more],
];
const learned = (out: string) => readFileSync(join(at(out), 'adapter_model.safetensors'));
const SOFT = '[soft:4]{text} It is{label}';

for (const [name, url = '', skip] of QUEUES) {
  describe(`pieces of updates on a queue on ${name}`, { skip: url === '' && skip }, () => {
    const on = ['--on', url, '--pieces-always'];
    const named = (what: string) => `${what}-${name}`;
    const soft = (out: string, ...more: string[]) => tuning(named(out), SOFT, '--pieces', '5', ...more);
    before(async () => {
      writeTexts(scratch, 80);
      const { code, said } = await run(soft('here', '--max-steps', '8'));
      assert.equal(code, 0, said);
    });

    test('one worker, two, and one that dies in the middle give the bits of one process with the same cut', async () => {
      const first = await startWorker(url, 'first', at('cache-a'));
      const one = await run(soft('one', '--max-steps', '8', ...on));
      assert.equal(one.code, 0, one.said);
      assert.deepEqual(learned(named('one')), learned(named('here')));
      const told = one.events.find(({ event }) => event === 'pieces')!;
      assert.deepEqual([told.pieces, told.workers, told.where], [5, 1, 'queue']);
      assert.ok((told.piece_seconds as number) > 0 && (told.queue_seconds as number) > 0);

      const second = await startWorker(url, 'second', at('cache-b'));
      let killed = false;
      const kill: SpawnOptions = {
        onLine: (line) => {
          const { event, step } = JSON.parse(line);
          if (event !== 'step' || (step as number) < 3 || killed) return;
          killed = true;
          void stop(first, 'SIGKILL');
        },
      };
      const two = await run(soft('two', '--max-steps', '8', ...on), kill);
      await stop(second);
      assert.equal(two.code, 0, two.said);
      assert.ok(killed);
      assert.deepEqual(learned(named('two')), learned(named('here')));

      const { events } = await run(['jobs', 'list', '--queue', url]);
      const jobs = events.at(-1)!.jobs as { readonly id: string }[];
      assert.deepEqual(
        jobs.filter(({ id }) => id.startsWith('gradient')),
        [],
        'pieces are forgotten when they have been answered',
      );
    });

    test('other methods, and cross-validation', async () => {
      const worker = await startWorker(url, 'methods', at('cache-a'));
      const few = ['--pieces', '3', '--max-steps', '2'];
      const same = async (what: string, template: string, ...more: string[]) => {
        const args = (out: string, ...on: string[]) =>
          tuning(named(`${what}-${out}`), template, ...few, ...more, ...on);
        const here = await run(args('here'));
        assert.equal(here.code, 0, here.said);
        const there = await run(args('there', ...on));
        assert.equal(there.code, 0, there.said);
        assert.ok(there.events.some(({ event, where }) => event === 'pieces' && where === 'queue'));
        assert.deepEqual(learned(named(`${what}-there`)), learned(named(`${what}-here`)), what);
      };
      try {
        await same('prefix', SOFT, '--method', 'prefix');
        await same('p-tuning', SOFT, '--method', 'p-tuning', '--encoder-size', '16');
        await same('lora', '{text} It is{label}', '--method', 'lora', '--rank', '2', '--dropout', '0.1');
        await same('folds', SOFT, '--folds', '3');
        const full = await run(tuning(named('full'), '{text} It is{label}', '--method', 'full', ...few, ...on));
        assert.equal(full.events.at(-1)!.code, 'TUNING_SETTING', full.said);
      } finally {
        await stop(worker);
      }
    });

    test('where a piece is shorter than the way it stays here, and says both', async () => {
      const worker = await startWorker(url, 'short', at('cache-a'));
      const { code, events, said } = await run(soft('short', '--max-steps', '8', '--on', url));
      await stop(worker);
      assert.equal(code, 0, said);
      const told = events.find(({ event }) => event === 'pieces')!;
      assert.equal(told.where, (told.queue_seconds as number) >= (told.piece_seconds as number) ? 'here' : 'queue');
      assert.deepEqual(learned(named('short')), learned(named('here')));
    });

    test('Ctrl-C saves, with and without workers, and what goes on with others gives the same bits', async () => {
      const worker = await startWorker(url, 'one', at('cache-a'));
      const at3: SpawnOptions = {
        onLine: (line, child) => {
          const { event, step } = JSON.parse(line);
          if (event === 'step' && step === 3 && !child.killed) child.kill('SIGINT');
        },
      };
      const stopped = await run(soft('stopped', '--max-steps', '8', ...on), at3);
      await stop(worker);
      assert.deepEqual([stopped.code, stopped.events.at(-1)!.ended], [130, 'interrupted'], stopped.said);
      const alone: SpawnOptions = {
        onLine: (line, child) => {
          const { event, text } = JSON.parse(line);
          if (event === 'note' && text.startsWith('no worker') && !child.killed) child.kill('SIGINT');
        },
      };
      const waited = await run(['resume', at(named('stopped')), ...on], alone);
      assert.equal(waited.code, 130, waited.said);
      const other = await startWorker(url, 'other', at('cache-b'));
      const ended = await run(['resume', at(named('stopped')), ...on]);
      await stop(other);
      assert.equal(ended.code, 0, ended.said);
      assert.deepEqual(learned(named('stopped')), learned(named('here')));
    });

    test('candidates of a search are tried by workers, two at once', async () => {
      const workers = [await startWorker(url, 'a', at('cache-a')), await startWorker(url, 'b', at('cache-b'))];
      const short = ['--search', '0.3', '--max-steps', '20', '--seeds', '2', '--on', url];
      const { code, events, said } = await run(tuning(named('searched'), SOFT, ...short));
      for (const worker of workers) await stop(worker);
      assert.equal(code, 0, said);
      const trials = events.filter(({ event }) => event === 'search trial');
      assert.ok(trials.length >= 2 && trials.every(({ failure }) => failure === undefined), JSON.stringify(trials));
      assert.ok(events.some(({ event, part }) => event === 'part ended' && part === 'seed-1'));
    });

    test(`workers killed again and again (${KILLS} times), and two clients at once: nothing is lost, nothing differs`, async () => {
      const steps = String(10 * Math.max(3, KILLS));
      assert.equal((await run(soft('calm', '--max-steps', steps, '--evaluate-every', '10'))).code, 0);
      let ended = 0;
      const clients = ['client-a', 'client-b'].map(async (out) => {
        const done = await run(soft(out, '--max-steps', steps, '--evaluate-every', '10', ...on));
        ended += 1;
        return done;
      });
      let worker = await startWorker(url, 'w0', at('cache-a'));
      let kills = 0;
      while (kills < KILLS && ended < 2) {
        await later(800 + 100 * (kills % 7));
        await stop(worker, 'SIGKILL');
        kills += 1;
        worker = await startWorker(url, `w${kills}`, at('cache-a'));
      }
      const all = await Promise.all(clients);
      await stop(worker);
      console.log(`${kills} kills on ${name}`);
      for (const [i, { code, said }] of all.entries()) {
        assert.equal(code, 0, said);
        assert.deepEqual(learned(named(['client-a', 'client-b'][i]!)), learned(named('calm')));
      }
    });
  });
}
