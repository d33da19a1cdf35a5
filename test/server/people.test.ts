/** What a service knows of people: preferences, versions that they get, and that they are gone when they are erased. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import OpenAI from 'openai';
import { createClient } from '../../src/library/client.js';
import { fitRecommender } from '../../src/library/recommend.js';
import { fitPreference } from '../../src/recommend/preference/fit-preference.js';
import { openPreference } from '../../src/recommend/preference/open-preference.js';
import { type RunningServer, serve } from '../../src/server/serve.js';
import type { ShelfEvent } from '../../src/server/shelf.js';
import { writeStyles } from '../tasks/style-task.js';
import { TINY_MODEL } from '../tasks/word-task.js';

const folder = mkdtempSync(join(tmpdir(), 'people-'));
const shelf = join(folder, 'shelf');
const spare = join(folder, 'spare');
const events: ShelfEvent[] = [];
let server: RunningServer;
let client: ReturnType<typeof createClient>;

const USERS = ['ann', 'bob', 'cyd', 'dan'];
/** Everybody likes the even ones; dan likes little. */
const answers = USERS.flatMap((user, u) =>
  Array.from({ length: 12 }, (_, i) => ({
    ...{ user_id: user, item_id: `i${(i + u) % 16}`, timestamp: 100 * u + i },
    rating: (i + u) % 2 === 0 && !(user === 'dan' && i > 3) ? 5 : 2,
  })),
);

before(async () => {
  mkdirSync(shelf);
  const items = join(folder, 'things.csv');
  const kinds = Array.from({ length: 16 }, (_, i) => `i${i},The thing ${i},${i % 2 === 0 ? 'even' : 'odd'}`);
  writeFileSync(items, ['item_id,title,kind', ...kinds].join('\n'));
  await fitPreference({
    ...{ model: TINY_MODEL, train: answers, valid: answers.slice(0, 8), items, out: join(shelf, 'likes') },
    ...{ maxSteps: 2, batchSize: 16, threads: 1, baselines: false, like: 'rating >= 3' },
    template: '[soft:2][user:stats][item:stats]{title|max=8}{label}',
  });
  const styles = {
    ...(await writeStyles(folder)),
    ...{
      model: TINY_MODEL,
      itemTemplate: '{title}',
      text: 'always' as const,
      textWidth: 8,
      itemItem: false,
      threads: 1,
    },
    network: { width: 16, layers: 1, maxLength: 8, batchSize: 16, epochs: 2, patience: 2, learningRate: 0.01 },
  };
  await fitRecommender({ ...styles, out: join(shelf, 'styles') });
  await fitRecommender({ ...styles, seed: 5, out: join(spare, 'styles') });
  server = await serve({
    ...{ folders: [shelf], port: 0, store: join(folder, 'events'), threads: 1, log: false },
    onEvent: (event) => events.push(event),
  });
  client = createClient({ url: server.url, retries: 0 });
});
after(async () => {
  await server?.close();
  rmSync(folder, { recursive: true });
});

const refused = async (request: Promise<unknown>) => {
  const error = (await request.then(
    () => undefined,
    (reason) => reason,
  )) as { status: number; code: string };
  return [error?.status, error?.code];
};

describe('preferences over HTTP', () => {
  it('are those of this process, the likeliest first, with reasons', async () => {
    const open = await openPreference(join(shelf, 'likes'), { threads: 1 });
    const candidates = ['i1', 'i2', 'i3', 'i4'];
    const expected = await open.for({ user: 'ann', candidates }, { explain: true });
    const byHistory = await open.for({ history: ['i2'], disliked: ['i3'], candidates });
    await open.close();
    const { items, notes } = await client.preference('likes', { user: 'ann', candidates, explain: true });
    assert.deepEqual(notes, []);
    assert.deepEqual(items.map(({ item }) => item).sort(), candidates);
    for (const { item, probability, because, attributes } of items) {
      const right = expected.find((one) => one.item === item)!;
      assert.ok(Math.abs(right.probability - probability) < 1e-5);
      assert.deepEqual(Object.keys(because!), ['user:stats', 'item:stats']);
      assert.equal(attributes.kind, Number(item.slice(1)) % 2 === 0 ? 'even' : 'odd');
    }
    assert.deepEqual(
      items.map(({ probability }) => probability),
      items.map(({ probability }) => probability).sort((a, b) => b - a),
    );
    const told = await client.preference('likes', { history: ['i2'], disliked: ['i3'], candidates, k: 2 });
    const best = [...byHistory].sort((a, b) => b.logOdds - a.logOdds).slice(0, 2);
    assert.deepEqual(
      told.items.map(({ item }) => item),
      best.map(({ item }) => item),
    );
  });

  it('choose among all things that meet a condition, and refuse what they do not understand', async () => {
    const even = await client.preference('likes', { user: 'bob', filters: { where: "kind = 'even'", deny: ['i2'] } });
    assert.equal(even.items.length, 7);
    assert.ok(even.items.every(({ attributes, item }) => attributes.kind === 'even' && item !== 'i2'));
    const ask = (request: object) => refused(client.preference('likes', request));
    assert.deepEqual(await ask({ user: 'bob', candidates: ['none'] }), [400, 'RECOMMEND_REQUEST']);
    assert.deepEqual(await ask({ user: 'bob', where: 'no such column' }), [400, 'RECOMMEND_FILTER']);
    assert.deepEqual(await ask({ user: 'bob', where: 'a', filters: { where: 'b' } }), [400, 'REQUEST_INVALID']);
    assert.deepEqual(await ask({ user: 'bob', history: ['i1'] }), [400, 'REQUEST_INVALID']);
    assert.deepEqual(await ask({ candidates: ['i1'] }), [400, 'REQUEST_INVALID']);
    assert.deepEqual(await refused(client.preference('styles', { user: 'u1', candidates: ['a1'] })), [
      400,
      'RECOMMENDER_TASK',
    ]);
    assert.deepEqual(await refused(client.recommend('likes', { user: 'ann' })), [400, 'RECOMMENDER_TASK']);
  });

  it('take in what someone has done since, by the rule of the fit', async () => {
    const request = { user: 'eve', candidates: ['i8', 'i9'] };
    const stranger = await client.preference('likes', request);
    assert.match(stranger.notes.join(), /nothing is known/);
    const rated = (rating: number) =>
      Array.from({ length: 6 }, (_, i) => ({
        ...{ event_id: `${rating} ${i}`, user_id: 'eve', item_id: `i${i}`, rating },
      }));
    await client.record(rated(3)); // a like: the fit said rating >= 3
    const pleased = await client.preference('likes', request);
    const byHistory = await client.preference('likes', {
      ...{ history: ['i0', 'i1', 'i2', 'i3', 'i4', 'i5'], disliked: [], candidates: request.candidates },
    });
    assert.deepEqual(pleased.items, byHistory.items);
    assert.notDeepEqual(pleased.items, stranger.items);
  });
});

describe('a recommender over HTTP', () => {
  it('takes filters together, and tells its card, its metrics and what it reads', async () => {
    const [flat, together] = await Promise.all([
      client.recommend('styles', { history: ['a1', 'a5'], k: 3, where: "style = 'light'", deny: ['a2'] }),
      client.recommend('styles', { history: ['a1', 'a5'], k: 3, filters: { where: "style = 'light'", deny: ['a2'] } }),
    ]);
    assert.deepEqual(together.items, flat.items);
    const facts = await client.recommender('styles');
    assert.deepEqual([facts.task, facts.reads], ['lists', ['title']]);
    assert.match(facts.card, /A recommender/);
    assert.ok(facts.metrics);
    const likes = await client.recommender('likes');
    assert.deepEqual([likes.task, likes.users, likes.items], ['preference', 4, 16]);
    for (const told of [facts, likes]) assert.ok(!JSON.stringify(told).includes(folder));
  });

  it('gives vectors of texts through the client of OpenAI: those of its items', async () => {
    const openai = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none' });
    const titles = (await client.similar('styles', { item: 'a1', k: 5 })).items.map(
      ({ attributes }) => attributes.title!,
    );
    const { data, usage } = await openai.embeddings.create({ model: 'styles', input: titles });
    const vectors = data.map(({ embedding }) => embedding);
    for (const vector of vectors) {
      assert.equal(vector.length, 8, 'as wide as --text-width');
      assert.ok(Math.abs(vector.reduce((sum, x) => sum + x * x, 0) - 1) < 1e-5);
    }
    assert.ok(usage.prompt_tokens > titles.length);
    await assert.rejects(openai.embeddings.create({ model: 'likes', input: 'a' }), { status: 400 });
    await assert.rejects(openai.embeddings.create({ model: 'styles', input: '' }), { status: 400 });
  });

  it('has versions: a user gets the same one each time, and one can go back', async () => {
    const before = (await client.recommender('styles')).versions[0]!.version;
    renameSync(join(shelf, 'styles'), join(folder, 'old'));
    cpSync(join(spare, 'styles'), join(shelf, 'styles'), { recursive: true });
    for (let wait = 0; wait < 400 && (await client.recommender('styles')).versions.length < 2; wait++) {
      await new Promise((later) => setTimeout(later, 50));
    }
    const now = (await client.recommender('styles')).versions.at(-1)!.version;
    assert.notEqual(now, before);
    await client.splitRecommender('styles', { [before]: 1, [now]: 1 });
    const got = new Set<string>();
    for (let i = 0; i < 24; i++) {
      const versions = await Promise.all([0, 1].map(() => client.recommend('styles', { user: `person ${i}`, k: 1 })));
      assert.equal(versions[0]!.version, versions[1]!.version);
      got.add(versions[0]!.version);
    }
    assert.deepEqual([...got].sort(), [before, now].sort());
    const { versions } = await client.recommender('styles');
    for (const { requests, failures } of versions) assert.ok(requests > 0 && failures === 0);
    await client.rollBackRecommender('styles');
    assert.equal((await client.recommend('styles', { user: 'person 1' })).version, before);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    assert.match(
      metrics,
      new RegExp(`softprompt_version_seconds_count\\{kind="recommender",name="styles",version="${now}"\\}`),
    );
  });
});

describe('someone who is erased', () => {
  it('is gone from the events, the folders, and what is open, older versions too', async () => {
    const people = readFileSync(join(shelf, 'styles', 'users.jsonl'), 'utf8')
      .trim()
      .split('\n');
    const user = JSON.parse(people[3]!) as string;
    await client.record([{ event_id: 'last', user_id: user, item_id: 'a1' }]);
    const known = await client.recommend('styles', { user });
    assert.ok(!known.notes.some((note) => /nothing is known/.test(note)));
    const kept = (await (await fetch(`${server.url}/v1/users/${user}/interactions`)).json()) as {
      readonly interactions: readonly object[];
      readonly recommenders: readonly { readonly items: readonly string[] }[];
    };
    assert.equal(kept.interactions.length, 1);
    assert.deepEqual(
      [kept.recommenders.length, kept.recommenders[0]!.items.length],
      [1, 8],
      'all that is kept is told',
    );
    const erased = await client.forget(user);
    assert.equal(erased.removed, 1);
    assert.deepEqual(
      erased.recommenders.map(({ name }) => name),
      ['styles'],
    );
    assert.ok(erased.recommenders[0]!.removed > 0);
    assert.ok(!readFileSync(join(shelf, 'styles', 'users.jsonl'), 'utf8').includes(JSON.stringify(user)));
    assert.match((await client.recommend('styles', { user })).notes.join(), /nothing is known/);
    assert.equal((await client.recommender('styles')).versions.length, 1, 'versions that knew him answer no more');
    const again = await fetch(`${server.url}/v1/users/${user}`, {
      ...{ method: 'DELETE', headers: { 'content-type': 'application/json' } }, // without a body, as clients do
    });
    assert.deepEqual(await again.json(), { removed: 0, recommenders: [] }, 'once is enough');
  });

  it('is gone from answers that preferences were learned from', async () => {
    const erased = await client.forget('dan');
    assert.deepEqual(erased.recommenders, [{ name: 'likes', removed: 12 }]);
    for (const name of readdirSync(join(shelf, 'likes'))) {
      if (!name.endsWith('.safetensors'))
        assert.ok(!readFileSync(join(shelf, 'likes', name), 'utf8').includes('"dan"'));
    }
    const asked = await client.preference('likes', { user: 'dan', candidates: ['i1'] });
    assert.match(asked.notes.join(), /nothing is known/);
    assert.equal((await client.preference('likes', { user: 'ann', candidates: ['i1'] })).notes.length, 0);
  });

  it('is told where a folder still knows him', async () => {
    writeFileSync(join(shelf, 'likes', 'preference.json'), '{');
    assert.deepEqual(await refused(client.forget('ann')), [503, 'ERASURE_INCOMPLETE']);
  });
});
