import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import OpenAI from 'openai';
import { createClient } from '../../src/library/client.js';
import { fitRecommender, openRecommender, recommendFor } from '../../src/library/recommend.js';
import { addKey } from '../../src/server/access.js';
import { type RunningServer, serve } from '../../src/server/serve.js';
import type { ShelfEvent } from '../../src/server/shelf.js';
import { openPrompt, predict } from '../../src/tasks/open-prompt.js';
import { tunePrompt } from '../../src/tasks/tune-prompt.js';
import { writeStyles } from '../tasks/style-task.js';
import { TINY_MODEL, wordTask, wordTaskFolder } from '../tasks/word-task.js';

const folder = wordTaskFolder();
const shelf = join(folder, 'shelf');
const spare = mkdtempSync(join(tmpdir(), 'spare-'));
const keys = join(folder, 'keys.json');
let server: RunningServer;
let asking: string;
let managing: string;
const events: ShelfEvent[] = [];

/** Prompts learned for a few steps from different seeds: what they answer differs in its numbers. */
async function learn(out: string, seed: number): Promise<void> {
  await tunePrompt({ ...wordTask(folder, `seed ${seed}`), out, seed, maxSteps: 3, baselines: false });
}

before(async () => {
  mkdirSync(shelf);
  await learn(join(shelf, 'words'), 1);
  await learn(join(shelf, 'other'), 2);
  await learn(join(spare, 'words'), 3);
  await fitRecommender({
    ...(await writeStyles(folder)),
    ...{ out: join(shelf, 'styles'), model: TINY_MODEL, itemTemplate: '{title}', text: 'always', textWidth: 8 },
    ...{ itemItem: false, threads: 1 },
    network: { width: 16, layers: 1, maxLength: 8, batchSize: 16, epochs: 6, patience: 6, learningRate: 0.01 },
  });
  asking = await addKey(keys, 'shop', ['ask', 'record']);
  managing = await addKey(keys, 'me', ['ask', 'record', 'people', 'manage']);
  server = await serve({
    ...{ folders: [shelf], port: 0, keys, store: join(folder, 'events'), threads: 1, log: false },
    onEvent: (event) => events.push(event),
  });
});
after(async () => {
  await server?.close();
  rmSync(folder, { recursive: true });
  rmSync(spare, { recursive: true });
});

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of many forms
  readonly body: any;
  readonly headers: Headers;
}

async function ask(method: string, path: string, body?: unknown, key: string | undefined = managing): Promise<Answer> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      ...(key && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
}

const texts = ['the sun is up', 'a dark night', 'one more text', 'and the last'];

async function heard(wanted: (event: ShelfEvent) => boolean): Promise<ShelfEvent> {
  for (let wait = 0; wait < 200; wait++) {
    const found = events.find(wanted);
    if (found) return found;
    await new Promise((later) => setTimeout(later, 50));
  }
  throw new Error(`never heard: ${JSON.stringify(events)}`);
}

describe('prompts over HTTP', () => {
  it('answer what they answer in this process, several at once and mixed', async () => {
    const names = ['words', 'other'];
    const expected = new Map<string, Awaited<ReturnType<typeof predict>>>();
    for (const name of names) {
      const open = await openPrompt(join(shelf, name), { threads: 1 });
      expected.set(
        name,
        await predict(
          open,
          texts.map((text) => ({ text })),
        ),
      );
      await open.close();
    }
    const asked = Array.from({ length: 24 }, (_, i) => ({ name: names[i % 2]!, text: texts[i % texts.length]! }));
    const answers = await Promise.all(
      asked.map(({ name, text }) => ask('POST', `/v1/prompts/${name}/predict`, { text }, asking)),
    );
    for (const [i, { status, body }] of answers.entries()) {
      assert.equal(status, 200);
      const right = expected.get(asked[i]!.name)![texts.indexOf(asked[i]!.text)]!;
      assert.equal(body.predictions[0].label, right.label);
      for (const [label, share] of Object.entries(right.probabilities)) {
        assert.ok(Math.abs(body.predictions[0].probabilities[label] - share) < 1e-5);
      }
    }
    assert.notDeepEqual(answers[0]!.body.predictions[0].probabilities, answers[1]!.body.predictions[0].probabilities);
    const many = await ask('POST', '/v1/prompts/words/predict', { rows: texts.map((text) => ({ text })) });
    assert.deepEqual(
      many.body.predictions.map(({ label }: { label: string }) => label),
      expected.get('words')!.map(({ label }) => label),
    );
  });

  it('are listed with what they are, without places of this machine', async () => {
    const { body } = await ask('GET', '/v1/prompts');
    assert.deepEqual(body.prompts.map(({ name }: { name: string }) => name).sort(), ['other', 'words']);
    const [model, ...others] = body.models;
    assert.equal(others.length, 0, 'both share one');
    assert.ok(model.weight_bytes > 10_000, `${model.weight_bytes}`);
    assert.ok(model.front_bytes > 0, `${model.front_bytes}`);
    assert.ok(!JSON.stringify(body).includes(folder));
    const facts = await ask('GET', '/v1/prompts/words');
    assert.deepEqual(facts.body.fields, ['text']);
    assert.equal(facts.body.versions[0].share, 1);
    assert.match(facts.body.card, /A learned prompt for/);
    assert.ok(facts.body.metrics.length > 0);
    assert.deepEqual(facts.body.versions[0].metrics, facts.body.metrics);
    assert.ok(!JSON.stringify(facts.body).includes(folder));
  });

  it('answer through the client of OpenAI, streaming too', async () => {
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: asking });
    const messages = [{ role: 'user' as const, content: texts[0]! }];
    const { body } = await ask('POST', '/v1/prompts/words/predict', { text: texts[0] });
    const whole = await client.chat.completions.create({ model: 'words', messages, temperature: 0 });
    assert.equal(whole.choices[0]!.message.content, body.predictions[0].label);
    let streamed = '';
    for await (const chunk of await client.chat.completions.create({ model: 'words', messages, stream: true })) {
      streamed += chunk.choices[0]?.delta.content ?? '';
    }
    assert.equal(streamed, body.predictions[0].label);
    const embedded = await client.embeddings.create({ model: 'words', input: texts });
    const vectors = embedded.data.map(({ embedding }) => embedding);
    const product = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
    for (const vector of vectors) assert.ok(Math.abs(product(vector, vector) - 1) < 1e-5);
    assert.ok(product(vectors[0]!, vectors[1]!) < 1 - 1e-4, 'other texts have other vectors');
    const again = await client.embeddings.create({ model: 'words', input: texts[2]!, encoding_format: 'float' });
    assert.ok(product(again.data[0]!.embedding, vectors[2]!) > 1 - 1e-5, 'a text has one, whoever stands beside it');
    const models = await client.models.list();
    assert.deepEqual(models.data.map(({ id }) => id).sort(), ['other', 'styles', 'words']);
    assert.ok(whole.usage!.prompt_tokens > 0 && embedded.usage.prompt_tokens > texts.length);
    await assert.rejects(client.chat.completions.create({ model: 'no such', messages }), { status: 404 });
  });
});

describe('the client', () => {
  it('asks all that there is, and tells refusals by their code', async () => {
    const client = createClient({ url: server.url, key: managing });
    assert.equal(await client.ready(), true);
    const { body } = await ask('POST', '/v1/prompts/words/predict', { texts });
    assert.deepEqual(await client.predictMany('words', texts), body.predictions);
    assert.deepEqual(await client.predictMany('words', [{ text: texts[0]! }]), [
      await client.predict('words', texts[0]!),
    ]);
    assert.deepEqual((await client.prompts()).map(({ name }) => name).sort(), ['other', 'words']);
    assert.equal((await client.prompt('words')).template, '[soft:10]{text} so{label}');
    assert.equal((await client.embed('words', texts)).length, texts.length);
    assert.equal((await client.recommenders())[0]!.name, 'styles');
    const event = { event_id: 'by client', user_id: 'a/b ?', item_id: 'a1' };
    assert.deepEqual(await client.record([event, event]), { stored: 1, repeated: 1 });
    assert.equal((await client.interactionsOf('a/b ?'))[0]!.item_id, 'a1');
    assert.equal((await client.recommend('styles', { user: 'a/b ?', k: 2 })).items.length, 2);
    assert.equal((await client.similar('styles', { item: 'a1', k: 2 })).items.length, 2);
    assert.deepEqual(await client.forget('a/b ?'), { removed: 1, recommenders: [] });
    await assert.rejects(client.prompt('none'), { status: 404, code: 'NOT_FOUND' });
    await assert.rejects(createClient({ url: server.url, key: asking }).forget('x'), { status: 403 });
    await assert.rejects(client.predict('words', 'x', { signal: AbortSignal.abort(new Error('left')) }), /left/);
  });

  it('asks again what was too much, when the service says so', async () => {
    let asked = 0;
    const busy: typeof fetch = async () =>
      ++asked < 3
        ? Response.json(
            { error: { code: 'SERVER_BUSY', message: 'busy' } },
            { status: 429, headers: { 'retry-after': '0' } },
          )
        : Response.json({ status: 'ok' });
    assert.deepEqual(await createClient({ url: 'http://x', fetch: busy }).prompt('words'), { status: 'ok' });
    asked = -9;
    await assert.rejects(createClient({ url: 'http://x', fetch: busy, retries: 1 }).prompt('words'), {
      code: 'SERVER_BUSY',
    });
  });
});

describe('a changed prompt', () => {
  it('is loaded whole before it answers, while a broken one is refused and the old one stays', async () => {
    const before = (await ask('GET', '/v1/prompts/words')).body.versions[0].version;
    // a copy that stops half-way: the record is new, the numbers are cut off
    writeFileSync(join(shelf, 'words', 'softprompt.json'), readFileSync(join(spare, 'words', 'softprompt.json')));
    truncateSync(join(shelf, 'words', 'adapter_model.safetensors'), 100);
    await heard((event) => event.event === 'refused' && event.name === 'words');
    const during = await ask('POST', '/v1/prompts/words/predict', { text: texts[0] });
    assert.equal(during.status, 200);
    assert.equal(during.body.version, before);
    assert.match((await ask('GET', '/v1/prompts/words')).body.problem, /adapter_model/);

    cpSync(join(spare, 'words'), join(shelf, 'words'), { recursive: true });
    await heard((event) => event.event === 'loaded' && event.name === 'words' && event.version !== before);
    const after = await ask('POST', '/v1/prompts/words/predict', { text: texts[0] });
    assert.notEqual(after.body.version, before);

    const back = await ask('POST', '/v1/prompts/words/rollback', {});
    assert.deepEqual(
      back.body.versions.map(({ version, share }: { version: string; share: number }) => [version, share]),
      [
        [before, 1],
        [after.body.version, 0],
      ],
    );
    assert.equal((await ask('POST', '/v1/prompts/words/predict', { text: texts[0] })).body.version, before);
    const weights = { [before]: 1, [after.body.version]: 1 };
    assert.equal((await ask('PUT', '/v1/prompts/words/split', { weights })).status, 200);
    const versions = new Set<string>();
    for (let i = 0; i < 40; i++) {
      versions.add((await ask('POST', '/v1/prompts/words/predict', { text: texts[0] })).body.version);
    }
    assert.deepEqual([...versions].sort(), [before, after.body.version].sort());
    const counted = (await ask('GET', '/v1/prompts/words')).body.versions;
    for (const { requests, answers, failures, mean_ms } of counted) {
      assert.ok(requests > 0 && answers >= requests && failures === 0 && mean_ms > 0);
    }
  });

  it('that moves away is gone, and one that comes is there', async () => {
    renameSync(join(shelf, 'other'), join(spare, 'other'));
    await heard((event) => event.event === 'removed' && event.name === 'other');
    assert.equal((await ask('POST', '/v1/prompts/other/predict', { text: 'x' })).status, 404);
    const before = events.length;
    renameSync(join(spare, 'other'), join(shelf, 'other'));
    await heard((event) => events.indexOf(event) >= before && event.event === 'loaded' && event.name === 'other');
    assert.equal((await ask('POST', '/v1/prompts/other/predict', { text: 'x' })).status, 200);
  });
});

describe('recommendations over HTTP', () => {
  it('are those of this process, and take in what someone has done since', async () => {
    const open = await openRecommender(join(shelf, 'styles'), { threads: 1 });
    const expected = await recommendFor(open, { history: ['a1', 'a5'] }, { k: 3, where: "style = 'light'" });
    await open.close();
    const path = '/v1/recommenders/styles/recommend';
    const { body } = await ask('POST', path, { history: ['a1', 'a5'], k: 3, where: "style = 'light'" }, asking);
    assert.deepEqual(
      body.items.map(({ item }: { item: string }) => item),
      expected.map(({ item }) => item),
    );

    const stranger = await ask('POST', path, { user: 'someone new' });
    assert.match(stranger.body.notes.join(), /nothing is known/);
    const met = ['b1', 'b5', 'b9'];
    const interactions = met.map((item_id, i) => ({
      event_id: `e${i}`,
      user_id: 'someone new',
      item_id,
      time: 1e9 + i,
    }));
    const kept = await ask('POST', '/v1/interactions', { interactions }, asking);
    assert.deepEqual(kept.body, { stored: 3, repeated: 0 });
    assert.deepEqual((await ask('POST', '/v1/interactions', { interactions })).body, { stored: 0, repeated: 3 });
    const now = await ask('POST', path, { user: 'someone new', k: 5 });
    const byHistory = await ask('POST', path, { history: met, k: 5 });
    assert.deepEqual(now.body.items, byHistory.body.items);
    assert.notDeepEqual(now.body.items, stranger.body.items.slice(0, 5));

    const mine = await ask('GET', '/v1/users/someone%20new/interactions');
    assert.deepEqual(
      mine.body.interactions.map(({ item_id }: { item_id: string }) => item_id),
      met,
    );
    assert.deepEqual((await ask('DELETE', '/v1/users/someone%20new')).body, { removed: 3, recommenders: [] });
    assert.deepEqual((await ask('POST', path, { user: 'someone new' })).body.items, stranger.body.items);
  });

  it('lists what is like an item, and tells mistakes as mistakes', async () => {
    const { body } = await ask('POST', '/v1/recommenders/styles/similar', { item: 'a1', k: 3 });
    assert.equal(body.items.length, 3);
    const cases: [string, unknown, RegExp][] = [
      ['/v1/recommenders/styles/similar', { item: 'nothing like that' }, /RECOMMEND_REQUEST/],
      ['/v1/recommenders/styles/recommend', { history: ['a1'], where: 'no such column' }, /RECOMMEND_FILTER/],
      ['/v1/recommenders/styles/recommend', { history: ['a1'], where: "read_text('/etc/passwd')" }, /RECOMMEND_FILTER/],
      ['/v1/recommenders/styles/recommend', { history: ['a1'], k: 0 }, /REQUEST_INVALID/],
      ['/v1/recommenders/styles/recommend', { user: 'x', history: [] }, /REQUEST_INVALID/],
      ['/v1/prompts/words/predict', { text: 'a', texts: ['b'] }, /REQUEST_INVALID/],
      ['/v1/prompts/words/predict', { rows: [{ txt: 'a' }] }, /FIELD_MISSING/],
      ['/v1/prompts/words/predict', '{"text": ', /./],
    ];
    for (const [path, request, code] of cases) {
      const answer = await ask('POST', path, request);
      assert.equal(answer.status, 400, JSON.stringify(answer.body));
      assert.match(answer.body.error.code, code);
      assert.ok(!answer.body.error.message.includes(folder));
    }
  });
});

describe('who may ask', () => {
  it('is who has a key with the scope', async () => {
    assert.equal((await ask('GET', '/v1/prompts', undefined, '')).status, 401);
    assert.equal((await ask('GET', '/v1/prompts', undefined, 'sp-wrong')).status, 401);
    assert.equal((await ask('GET', '/v1/users/u1/interactions', undefined, asking)).status, 403);
    assert.equal((await ask('POST', '/v1/prompts/words/rollback', {}, asking)).status, 403);
    assert.equal((await ask('GET', '/health', undefined, '')).status, 200);
    assert.equal((await ask('GET', '/ready', undefined, '')).status, 200);
    assert.ok(!readFileSync(keys, 'utf8').includes(asking));
    await assert.rejects(serve({ folders: [shelf], host: '0.0.0.0', port: 0 }), { code: 'FLAG_MISSING' });
  });

  it('is told by an address that describes itself, and counted', async () => {
    const { body } = await ask('GET', '/openapi.json', undefined, '');
    assert.ok(body.paths['/v1/prompts/{name}/predict'].post);
    assert.ok(body.paths['/v1/recommenders/{name}/recommend'].post.requestBody);
    const page = await ask('GET', '/docs/');
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-security-policy')!, /script-src/);
    assert.match((await ask('GET', '/health')).headers.get('content-security-policy')!, /default-src 'none'/);
    const figures = await ask('GET', '/metrics');
    assert.match(figures.body, /softprompt_answers_total\{kind="prompt",name="words",version="\w+"\} \d+/);
  });
});

describe('too much', () => {
  it('is refused with a time to ask again, and what was accepted is answered, at the end too', async (t) => {
    const small = await serve({
      ...{ folders: [join(shelf, 'words')], port: 0, threads: 1, log: false },
      ...{ queue: 1, batchSize: 1 },
    });
    t.after(small.close);
    const answers = await Promise.all(
      Array.from({ length: 60 }, () =>
        fetch(`${small.url}/v1/prompts/words/predict`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ texts }),
        }),
      ),
    );
    const counts = new Map<number, number>();
    for (const { status, headers } of answers) {
      counts.set(status, (counts.get(status) ?? 0) + 1);
      if (status === 429) assert.ok(Number(headers.get('retry-after')) >= 1);
    }
    assert.deepEqual([...counts.keys()].sort(), [200, 429]);
    const last = fetch(`${small.url}/v1/prompts/words/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: texts[0] }),
    });
    await new Promise((later) => setTimeout(later, 20));
    await small.close();
    assert.equal((await last).status, 200);
  });
});
