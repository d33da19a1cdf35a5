/** What happens to a recommender after its fit: updates, refits, people who are forgotten, folders that keep nobody. */
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  evaluateRecommender,
  fitRecommender,
  forgetUsers,
  inspectRecommender,
  openRecommender,
  type RecommendOptions,
  recommendFor,
  refitRecommender,
  updateRecommender,
} from '../../src/library/recommend.js';
import { Random } from '../../src/random.js';
import { readTensorFile } from '../../src/weights/tensor-file.js';
import { jsonEvents, softprompt } from '../cli/spawn-softprompt.js';
import { TINY_MODEL } from '../tasks/word-task.js';

const folder = await mkdtemp(join(tmpdir(), 'softprompt-life-'));
after(() => rm(folder, { recursive: true, force: true }));
const at = (...names: string[]) => join(folder, ...names);
const write = async (name: string, lines: readonly string[]) => {
  await writeFile(at(name), `${lines.join('\n')}\n`);
  return at(name);
};

/** Two kinds of items, told apart by a word of their title; a user keeps to one. */
const random = new Random(2);
const HEADER = 'user_id,item_id,timestamp';
const rows = [HEADER];
for (let u = 0; u < 60; u++) {
  for (let t = 0; t < 8; t++) rows.push(`u${u},${u % 2 === 0 ? 'a' : 'b'}${random.integer(20)},${1000 + t}`);
}
const word = (i: number) => String.fromCharCode(97 + i, 97 + ((i * 7) % 20));
const titles = ['item_id,title,price'];
for (let i = 0; i < 20; i++) titles.push(`a${i},sunny ${word(i)},${i}`, `b${i},MOODY ${word(i)},${i}`);
const interactions = await write('kinds.csv', rows);
const items = await write('items.csv', titles);
const options = (out: string, changes: Partial<RecommendOptions> = {}): RecommendOptions => ({
  ...{ interactions, items, out: at(out), model: TINY_MODEL, threads: 1 },
  ...{ itemTemplate: '[soft:2] {title}', text: 'always', textWidth: 8 },
  network: { width: 16, layers: 1, maxLength: 8, batchSize: 16, epochs: 5, patience: 5, learningRate: 0.015 },
  ...changes,
});
const cacheFolder = at('cache');
const own = async (from: string, name: string) => {
  await cp(at(from), at(name), { recursive: true });
  return at(name);
};
const listOf = async (path: string, request: Parameters<typeof recommendFor>[1], k = 100) => {
  const open = await openRecommender(path, { threads: 1 });
  const list = await recommendFor(open, request, { k, skipUnknown: true });
  await open.close();
  return list;
};

/** Decoded files of a folder as text: of people, everything that stands in JSON; of tensors, their names and sizes. */
async function valuesIn(path: string): Promise<string[]> {
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === 'string') found.push(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk);
  };
  for (const name of await readdir(path)) {
    if (name.endsWith('.jsonl')) {
      for (const line of (await readFile(join(path, name), 'utf8')).split('\n').filter(Boolean)) walk(JSON.parse(line));
    } else if (name.endsWith('.json')) walk(JSON.parse(await readFile(join(path, name), 'utf8')));
    else if (name.endsWith('.md')) found.push(...(await readFile(join(path, name), 'utf8')).split(/\W+/));
  }
  return found;
}

before(async () => {
  await fitRecommender(options('fitted'));
  await fitRecommender(options('people', { userVectors: true, userTokens: 'always', keepTraining: true }));
});

const fresh = await write('fresh.csv', [
  HEADER,
  ...Array.from({ length: 20 }, (_, u) => `u${u},${u % 2 === 0 ? 'a' : 'b'}${19 - (u % 7)},2000`),
  'newcomer,a1,2001',
  'newcomer,a2,2002',
  'u0,new-a,2003',
  'u0,nameless,2004',
]);
const freshItems = await write('fresh-items.csv', ['item_id,title,price', 'new-a,sunny yy,6', 'a3,MOODY other,99']);
const update = {
  ...{ interactions: fresh, items: { source: freshItems }, cacheFolder, threads: 1 },
} as const;

test('an update is served at once: new people, events, items, changed and withdrawn ones', async () => {
  const path = await own('fitted', 'updated');
  const before = await listOf(path, { user: 'u0' });
  const result = await updateRecommender(path, { ...update, withdraw: ['a4'] });
  assert.equal(result.newUsers, 1);
  assert.equal(result.newItems, 2);
  assert.equal(result.changedItems, 1);
  assert.equal(result.withdrawn, 1);
  assert.equal(result.waitingItems, 1, 'of the nameless one no text was read');
  assert.deepEqual(result.sinceFit, {
    ...{ updates: 1, events: 24, users: 1, items: 2, changed: 1, waiting: 1, share: 24 / 480 },
    ...{ judged: result.drift.judged, hits: result.drift.hits },
  });
  assert.ok(result.drift.judged > 0 && result.drift.judged <= 20);
  const list = await listOf(path, { user: 'newcomer' });
  assert.ok(
    list.slice(0, 8).every(({ item }) => /a/.test(item)),
    list.map(({ item }) => item).join(),
  );
  const ids = list.map(({ item }) => item);
  assert.ok(ids.includes('new-a') && !ids.includes('a4') && !ids.includes('nameless'));
  assert.ok(!ids.includes('a1'), 'what he has');
  const changed = list.find(({ item }) => item === 'a3')!;
  assert.deepEqual(changed.attributes, { title: 'MOODY other', price: '99' });
  assert.ok(!(await listOf(path, { user: 'u0' })).some(({ item }) => item === 'new-a'), 'he has it');
  // what did not change is scored as before for a history that did not change
  const [was, is] = await Promise.all(
    [at('fitted'), path].map(async (where) => listOf(where, { history: ['a5', 'a6', 'a7'] })),
  );
  for (const { item, score } of was!) {
    const now = is!.find((other) => other.item === item);
    if (!['a3', 'a4'].includes(item)) assert.ok(Math.abs(now!.score - score) < 1e-4, item);
  }
  assert.ok(before.some(({ item }) => item === 'a4'));
  assert.ok(await readFile(join(path, 'README.md'), 'utf8').then((card) => /42 items, 61 users/.test(card)));

  const again = await updateRecommender(path, update);
  assert.equal(again.events, 0, 'the same table again brings nothing');
  const facts = await inspectRecommender(path);
  assert.equal(facts.users, 61);
  assert.equal(facts.sinceFit!.events, result.events);
  assert.equal(facts.withdrawn, 1);
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.startsWith('.')),
    [],
    'nothing is left beside it',
  );
});

test('an empty history is answered with the counts of today', async () => {
  const path = await own('fitted', 'counted');
  const rush = await write('rush.csv', [HEADER, ...Array.from({ length: 90 }, (_, u) => `r${u},b7,${3000 + u}`)]);
  await updateRecommender(path, { interactions: rush, threads: 1 });
  assert.equal((await listOf(path, { history: [] }, 1))[0]!.item, 'b7');
});

test('a refit learns from everything with the kept options, and what waited is recommended', async () => {
  const path = await own('fitted', 'refitted');
  await updateRecommender(path, { ...update, withdraw: ['a4'] });
  await forgetUsers(path, ['u4']);
  await assert.rejects(evaluateRecommender(path, {}), { code: 'RUN_DATA_CHANGED' });
  const result = await refitRecommender(path, {}, { cacheFolder });
  assert.equal(result.ended, 'finished');
  assert.equal(result.out, path);
  const facts = await inspectRecommender(path);
  assert.equal(facts.sinceFit, null);
  assert.equal(facts.withdrawn, 1, 'stays withdrawn');
  const list = await listOf(path, { user: 'newcomer' });
  assert.ok(list.some(({ item }) => item === 'nameless'));
  assert.ok(!list.some(({ item }) => item === 'a4'));
  assert.ok(!(await valuesIn(path)).includes('u4'), 'a refit leaves out who was forgotten');
  assert.equal((await evaluateRecommender(path, {})).ended, 'finished');
});

test('a person is forgotten in every file, and others are scored as before', async () => {
  const path = await own('people', 'forgetful');
  await updateRecommender(path, update);
  const others = await listOf(path, { user: 'u7' });
  assert.ok((await valuesIn(path)).includes('u4'));
  const { users, histories } = await sizes(path);
  await mkdir(join(path, 'data'));
  await writeFile(join(path, 'data', 'orders.csv'), 'user_id,item_id\nu4,a1\nu7,u4\nu4,a2\n');
  await writeFile(join(path, 'lists.jsonl'), '{"user_id":"u4","item_id":"a1"}\n{"user_id":"u7","item_id":"b2"}\n');
  await writeFile(join(path, 'lists.parquet'), 'PAR1');
  const result = await forgetUsers(path, ['u4', 'newcomer']);
  assert.equal(result.forgotten, 2);
  assert.equal(result.proof.found, 0);
  assert.ok(result.events >= 8 && result.vectors === 2);
  const values = await valuesIn(path);
  assert.ok(!values.includes('u4') && !values.includes('newcomer'));
  assert.equal(await readFile(join(path, 'data', 'orders.csv'), 'utf8'), 'user_id,item_id\nu7,u4\n');
  assert.equal(await readFile(join(path, 'lists.jsonl'), 'utf8'), '{"user_id":"u7","item_id":"b2"}\n');
  assert.ok(
    result.remains.some((text) => /lists\.parquet, which is left as it is/.test(text)),
    result.remains.join(),
  );
  assert.ok(!(await readdir(path)).includes('training'));
  const now = await sizes(path);
  assert.equal(now.users, users - 2);
  assert.equal(now.histories, histories - result.events);
  assert.deepEqual(await listOf(path, { user: 'u7' }), others);
  await assert.rejects(listOf(path, { user: 'u4' }), { code: 'RECOMMEND_REQUEST' });
  await assert.rejects(forgetUsers(path, ['u4']), { code: 'RECOMMEND_REQUEST' });
  const network = await readTensorFile(join(path, 'network.safetensors'));
  assert.equal(network['users.shares']!.length, now.users);
});

async function sizes(path: string) {
  const { offsets, items } = await readTensorFile(join(path, 'histories.safetensors'));
  return { users: offsets!.length - 1, histories: items!.length };
}

test('a folder that keeps nobody serves histories and fresh interactions', async () => {
  await fitRecommender(options('nobody', { withoutHistories: true }));
  const path = at('nobody');
  const ids = new Set(Array.from({ length: 60 }, (_, u) => `u${u}`));
  assert.ok(!(await valuesIn(path)).some((value) => ids.has(value)));
  assert.ok(
    (await listOf(path, { history: ['a1', 'a2', 'a5'] })).slice(0, 5).every(({ item }) => item.startsWith('a')),
  );
  const out = at('lists.jsonl');
  const { code, stdout } = await softprompt([
    ...['recommend', 'batch', path, '--out', out, '--interactions', fresh, '--k', '3', '--threads', '1', '--json'],
  ]);
  assert.equal(code, 0, stdout);
  const lines = (await readFile(out, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(lines.filter(({ user_id }) => user_id === 'newcomer').length, 3);
  assert.match(lines[0].title, /^sunny|MOODY/);
  const nothing = await softprompt(['recommend', 'batch', path, '--out', at('none.jsonl'), '--threads', '1']);
  assert.match(nothing.stderr, /keeps nobody/);
  const [told, again] = [
    await updateRecommender(path, { interactions: fresh, threads: 1 }),
    await updateRecommender(path, { interactions: fresh, threads: 1 }),
  ];
  assert.ok(told.events > 0);
  assert.equal(again.events, 0, 'by their times it knows what it was told');
  assert.ok(!(await valuesIn(path)).some((value) => ids.has(value)));
});

test('the command line: update, inspect, for with fresh events, forget', async () => {
  const path = await own('fitted', 'commands');
  const shared = ['--threads', '1', '--json'];
  const whom = await softprompt(['recommend', 'for', path, '--user', 'newcomer', '--interactions', fresh, ...shared]);
  assert.equal(whom.code, 0, whom.stderr);
  const updated = await softprompt([
    ...['recommend', 'update', path, '--interactions', fresh, '--items', freshItems, '--cache', cacheFolder, ...shared],
  ]);
  assert.equal(updated.code, 0, updated.stderr);
  const result = jsonEvents(updated).at(-1)!;
  assert.equal(result.new_users, 1);
  assert.match((result.verdict as { text: string }).text, /refit/);
  const inspected = await softprompt(['recommend', 'inspect', path]);
  assert.match(inspected.stdout, /61 users, 42 items/);
  const forgotten = await softprompt(['recommend', 'forget', path, 'u1', 'u2']);
  assert.match(forgotten.stdout, /Forgotten: 2 people[\s\S]*found in 0 places[\s\S]*shared?|Remains/);
  assert.equal((await inspectRecommender(path)).users, 59);
});
