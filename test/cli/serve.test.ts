/** `softprompt serve` as a user starts it: in a process of its own, asked over HTTP, stopped by a signal. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fitRecommender } from '../../src/library/recommend.js';
import { tunePrompt } from '../../src/tasks/tune-prompt.js';
import { writeStyles } from '../tasks/style-task.js';
import { TINY_MODEL, wordTask, wordTaskFolder } from '../tasks/word-task.js';
import { ownDatabase } from './own-database.js';
import { jsonEvents, softprompt } from './spawn-softprompt.js';
import { startService as start, stopService as stop } from './start-service.js';

const folder = wordTaskFolder();
const shelf = join(folder, 'shelf');
after(() => rmSync(folder, { recursive: true }));
before(async () => {
  await tunePrompt({ ...wordTask(folder, 'words'), out: join(shelf, 'words'), maxSteps: 2, baselines: false });
  await fitRecommender({
    ...(await writeStyles(folder)),
    ...{ out: join(shelf, 'styles'), model: TINY_MODEL, itemTemplate: '{title}', text: 'always', textWidth: 8 },
    ...{ itemItem: false, threads: 1 },
    network: { width: 16, layers: 1, maxLength: 8, batchSize: 16, epochs: 6, patience: 6, learningRate: 0.01 },
  });
});

async function post(
  url: string,
  body: unknown,
  key?: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const met = ['b1', 'b5', 'b9'];
const recommendOf = async (url: string): Promise<{ items: unknown; notes: string[] }> =>
  (await post(`${url}/v1/recommenders/styles/recommend`, { user: 'someone new', k: 5 })).body as never;

/** Stores that a process of the service can have. */
/** A database of this file's own: others use the server at the same time. */
const server = await ownDatabase(process.env.SOFTPROMPT_TEST_DATABASE);
const STORES: readonly [name: string, place: string, skip: string | false][] = [
  ['a folder', join(folder, 'events'), false],
  ['a PostgreSQL server', server ?? '', server === undefined && 'SOFTPROMPT_TEST_DATABASE names no server'],
];

for (const [name, place, skip] of STORES) {
  describe(`softprompt serve with interactions in ${name}`, { skip }, () => {
    it('answers, learns of an event at once, keeps it over its end, and ends politely', async () => {
      const first = await start([shelf, '--port', '0', '--store', place]);
      const asked = await post(`${first.url}/v1/prompts/words/predict`, { text: 'the sun is up' });
      assert.equal(asked.status, 200);
      const before = await recommendOf(first.url);
      const interactions = met.map((item_id, i) => ({
        ...{ event_id: `${name} ${i}`, user_id: 'someone new', item_id, time: 1e9 + i },
      }));
      assert.deepEqual((await post(`${first.url}/v1/interactions`, { interactions })).body, { stored: 3, repeated: 0 });
      const since = await recommendOf(first.url);
      assert.notDeepEqual(since.items, before.items);
      const last = post(`${first.url}/v1/prompts/words/predict`, { text: 'a dark night' });
      await new Promise((later) => setTimeout(later, 50));
      const { code, stderr } = await stop(first);
      assert.equal((await last).status, 200, 'what was asked before the signal is answered');
      assert.deepEqual([code, stderr], [0, '']);

      const again = await start([shelf, '--port', '0', '--store', place]);
      assert.deepEqual((await recommendOf(again.url)).items, since.items);
      await stop(again);

      const file = join(folder, 'export.jsonl');
      const wrote = await softprompt(['interactions', 'export', '--store', place, '--out', file, '--json']);
      assert.equal(jsonEvents(wrote).at(-1)!.events, 3);
      const lines = readFileSync(file, 'utf8').trim().split('\n');
      assert.deepEqual(
        lines.map((line) => JSON.parse(line).item_id),
        met,
      );
      const database = /^postgres/.test(place) ? place : `pglite:${place}`;
      const described = await softprompt(['data', 'describe', '--database', database, '--json']);
      assert.equal(described.code, 0, described.stderr);
      assert.equal((jsonEvents(described).at(-1)!.interactions as { users: number }).users, 1);
      const forgot = ['interactions', 'forget', '--store', place, '--user', 'someone new', '--json'];
      assert.equal(jsonEvents(await softprompt(forgot)).at(-1)!.removed, 3);
    });

    it('shares it between three services where that can be, and refuses a second one where not', async () => {
      const one = await start([join(shelf, 'styles'), '--port', '0', '--store', place]);
      if (name === 'a folder') {
        await assert.rejects(start([shelf, '--port', '0', '--store', place]), /STORE_LOCKED/);
      } else {
        const other = await start([join(shelf, 'styles'), '--port', '0'], { DATABASE_URL: place });
        const third = await start([join(shelf, 'styles'), '--port', '0'], { DATABASE_URL: place });
        const stranger = await recommendOf(other.url);
        const events = Array.from({ length: 40 }, (_, i) => ({
          ...{ event_id: `both ${i % 20}`, user_id: 'someone new', item_id: met[i % 3] },
        }));
        const urls = [one.url, other.url, third.url];
        const answers = await Promise.all(
          events.map((event, i) => post(`${urls[i % 3]}/v1/interactions`, { interactions: [event] })),
        );
        assert.equal(
          answers.reduce((sum, { body }) => sum + (body.stored as number), 0),
          20,
          'each event counts once, whoever got it',
        );
        assert.notDeepEqual((await recommendOf(other.url)).items, stranger.items);
        const [seen, ...others] = await Promise.all(urls.map(recommendOf));
        for (const { items } of others) assert.deepEqual(items, seen!.items);
        await softprompt(['interactions', 'forget', '--store', place, '--user', 'someone new']);
        await stop(other);
        await stop(third);
      }
      assert.equal((await stop(one)).code, 0);
    });
  });
}

describe('softprompt serve is set up', () => {
  it('by variables and by a file, and asks others than this machine for keys', async () => {
    const keys = join(folder, 'keys.json');
    const made = await softprompt(['serve', '--add-key', 'shop', '--keys', keys, '--scopes', 'ask', '--json']);
    const key = jsonEvents(made).at(-1)!.key as string;
    const file = join(folder, 'serve.yaml');
    writeFileSync(file, `keys: ${keys}\nport: 0\nrate-limit: 4\n`);
    const started = await start(['--config', file], {
      SOFTPROMPT_FOLDERS: join(shelf, 'words'),
      SOFTPROMPT_QUEUE: '3',
    });
    const url = `${started.url}/v1/prompts/words/predict`;
    assert.equal((await post(url, { text: 'x' })).status, 401);
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push((await post(url, { text: 'x' }, key)).status);
    assert.deepEqual(statuses, [200, 200, 200, 200, 429]);
    const { code, stdout } = await stop(started);
    assert.equal(code, 0);
    assert.ok(!stdout.includes('sun'));

    const open = await softprompt(['serve', shelf, '--host', '0.0.0.0', '--port', '0']);
    assert.match(open.stderr, /FLAG_MISSING: --host 0\.0\.0\.0 without --keys/);
    assert.match((await softprompt(['serve', '--port', '0'])).stderr, /FLAG_MISSING: no folder/);
    const wrong = join(folder, 'wrong.yaml');
    writeFileSync(wrong, 'prot: 1\n');
    assert.match((await softprompt(['serve', shelf, '--config', wrong])).stderr, /port/);
  });
});
