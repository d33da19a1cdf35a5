/** Items that were not there at the fit are read by the fit's own reading, and served without training. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readTable } from '../../src/data/read-table.js';
import {
  fitRecommender,
  likelyUsers,
  type NewItems,
  type OpenRecommender,
  openApproximate,
  openRecommender,
  type RecommendOptions,
  recommendBatch,
  recommendFor,
  similarItems,
} from '../../src/library/recommend.js';
import { Random } from '../../src/random.js';
import { jsonEvents, softprompt } from '../cli/spawn-softprompt.js';
import { TINY_MODEL } from '../tasks/word-task.js';

const folder = await mkdtemp(join(tmpdir(), 'softprompt-new-items-'));
after(() => rm(folder, { recursive: true, force: true }));
const at = (...names: string[]) => join(folder, ...names);
const write = async (name: string, lines: readonly string[]) => {
  await writeFile(at(name), `${lines.join('\n')}\n`);
  return at(name);
};

/** Two kinds of items, told apart by a word of their title; a user keeps to one. Nobody met the items `cold…`. */
const random = new Random(2);
const rows = ['user_id,item_id,timestamp'];
for (let u = 0; u < 60; u++) {
  for (let t = 0; t < 8; t++) rows.push(`u${u},${u % 2 === 0 ? 'a' : 'b'}${random.integer(20)},${1000 + t}`);
}
const name = (i: number) => String.fromCharCode(97 + i, 97 + ((i * 7) % 20));
const titles = ['item_id,title,price'];
for (let i = 0; i < 20; i++) titles.push(`a${i},sunny ${name(i)},${i}`, `b${i},MOODY ${name(i)},${i}`);
const cold = ['cold-a,sunny zq,1', 'cold-b,MOODY zq,1', 'silent,,1'];
const interactions = await write('kinds.csv', rows);
const items = await write('items.csv', [...titles, ...cold]);
const table = await write('new.csv', [
  'item_id,title,price,stock',
  'a1,sunny other,77,yes', // known, and different now
  'twin-a,sunny  zq ,5,yes', // the same on one line
  'new-a,sunny yy,6,yes',
  'new-b,MOODY yy,7,no',
  'mute,,8,yes',
]);
const options = (out: string, changes: Partial<RecommendOptions> = {}): RecommendOptions => ({
  ...{ interactions, items, out: at(out), model: TINY_MODEL, threads: 1 },
  ...{ itemTemplate: '[soft:2] {title}', text: 'always', textWidth: 8 },
  network: { width: 16, layers: 1, maxLength: 8, batchSize: 16, epochs: 8, patience: 8, learningRate: 0.01 },
  ...changes,
});
const cacheFolder = at('cache');
const open = (out: string, changes: Partial<NewItems> = {}, others: object = {}) =>
  openRecommender(at(out), { threads: 1, cacheFolder, items: { source: table, ...changes }, ...others });
const scores = async (recommender: OpenRecommender, history = ['a1', 'a5', 'a9', 'a3']) => {
  const list = await recommendFor(recommender, { history }, { k: 100, includeSeen: true });
  return new Map(list.map(({ item, score }) => [item, score]));
};
const near = (a: number | undefined, b: number | undefined) => Math.abs(a! - b!) < 1e-4;

before(async () => {
  await fitRecommender(options('mixed'));
  await fitRecommender(options('plain', { refit: false, itemItem: false }));
  await fitRecommender(options('learned', { learnPrompt: true }));
});

for (const fitted of ['mixed', 'plain', 'learned']) {
  test(`${fitted}: a new item's text ranks it, and one that says what a cold item says scores the same`, async () => {
    const notes: string[] = [];
    const grown = await open(fitted, {}, { onNote: (text: string) => notes.push(text) });
    const of = await scores(grown);
    assert.equal(of.get('twin-a'), of.get('cold-a'));
    assert.ok(of.get('new-a')! > of.get('new-b')!);
    const ofB = await scores(grown, ['b1', 'b5', 'b9', 'b3']);
    assert.ok(ofB.get('new-b')! > ofB.get('new-a')!);
    assert.ok(!of.has('mute') && !of.has('silent'));
    const fit = await openRecommender(at(fitted), { threads: 1 });
    for (const [item, score] of await scores(fit)) assert.ok(near(of.get(item), score), `${item} scores as before`);
    assert.deepEqual(notes, [
      '4 of 5 items of the table are new; 1 of them have no text, so they are not recommended',
      '1 known items have other values in the table: they keep what the fit read (--replace-known)',
    ]);
    await Promise.all([grown.close(), fit.close()]);
  });
}

test('what is read later is what the fit would have read', async () => {
  const whole = await write('whole.csv', [...titles, ...cold, 'new-a,sunny yy,6']);
  await fitRecommender(options('whole', { items: whole, refit: false, itemItem: false }));
  const [earlier, later] = [await openRecommender(at('whole'), { threads: 1 }), await open('plain')];
  const features = ({ saved, itemCodes }: OpenRecommender) => {
    const { vectors, width } = saved.recommender.network.inputs.features!;
    const code = itemCodes.get('new-a')!;
    return vectors.subarray(code * width, (code + 1) * width);
  };
  const [expected, found] = [features(earlier), features(later)];
  assert.ok(expected.some((value) => Math.abs(value) > 0.1));
  for (const [i, value] of expected.entries()) assert.ok(Math.abs(value - found[i]!) < 1e-3, `${value}, ${found[i]}`);
  await Promise.all([earlier.close(), later.close()]);
});

test('new items in every command: conditions, histories, likeness, audience, batches, approximate search', async () => {
  const grown = await open('mixed');
  const listed = async (where: string) =>
    (await recommendFor(grown, { user: 'u0' }, { where, k: 50, includeSeen: true })).map(({ item }) => item).sort();
  assert.deepEqual(await listed("stock = 'yes'"), ['new-a', 'twin-a']);
  assert.deepEqual(await listed('price > 18'), ['a19', 'b19'], 'known items keep their attributes');
  assert.ok((await recommendFor(grown, { history: ['new-b', 'new-b'] }, { k: 3 })).every(({ item }) => /b/.test(item)));
  const [twin] = await similarItems(grown, 'twin-a', { k: 1 });
  assert.equal(twin!.item, 'cold-a');
  const audience = await likelyUsers(grown, 'new-b', { k: 10 });
  assert.ok(
    audience.every(({ user }) => Number(user.slice(1)) % 2 === 1),
    audience.map(({ user }) => user).join(),
  );
  const approximate = await openApproximate(grown, { threads: 1, recall: 1 });
  const request = { history: ['a1', 'a2'] };
  assert.deepEqual(
    (await recommendFor(grown, request, { approximate })).map(({ item }) => item),
    (await recommendFor(grown, request)).map(({ item }) => item),
  );
  await approximate.close();
  const out = at('lists.jsonl');
  await recommendBatch(grown, { out, k: 60, onlyUsers: ['u0', 'u1'] });
  const listedItems = new Set<string>();
  for await (const { values } of readTable(out)) listedItems.add(values.get('item_id')!);
  for (const item of ['new-a', 'new-b', 'twin-a']) assert.ok(listedItems.has(item), item);
  await grown.close();
});

test('a known item keeps its text and attributes, unless told', async () => {
  const changed = await write('changed.csv', ['item_id,title,price', 'cold-a,MOODY zq,50']);
  const kept = await open('mixed', { source: changed });
  const replaced = await open('mixed', { source: changed, replaceKnown: true });
  assert.deepEqual(kept.saved.recommender.items, replaced.saved.recommender.items);
  const [before, now] = [await scores(kept), await scores(replaced)];
  assert.ok(Math.abs(before.get('cold-a')! - before.get('cold-b')!) > 1e-3);
  assert.equal(now.get('cold-a'), now.get('cold-b'));
  const attributes = async (one: OpenRecommender) =>
    (await recommendFor(one, { user: 'u0' }, { where: "item_id = 'cold-a'" }))[0]!.attributes;
  assert.deepEqual(await attributes(kept), { title: 'sunny zq', price: '1' });
  assert.deepEqual(await attributes(replaced), { title: 'MOODY zq', price: '50' });
  await Promise.all([kept.close(), replaced.close()]);
});

test('a text is read once: then neither the model is needed, nor is a damaged cache believed', async () => {
  const cache = at('cache-once');
  const first = await open('plain', {}, { cacheFolder: cache });
  const expected = await scores(first);
  await first.close();
  const away = { cacheFolder: cache, model: at('nowhere') };
  const second = await open('plain', {}, away);
  assert.deepEqual(await scores(second), expected);
  await second.close();
  const texts = join(cache, 'text-vectors');
  const files = (await readdir(texts, { recursive: true })).filter((file) => file.endsWith('.safetensors'));
  assert.equal(files.length, 1);
  const bytes = await readFile(join(texts, files[0]!));
  bytes[bytes.length - 2]! ^= 1;
  await writeFile(join(texts, files[0]!), bytes);
  await assert.rejects(open('plain', {}, away), { code: 'MODEL_SOURCE_UNKNOWN' });
  const third = await open('plain', {}, { cacheFolder: cache });
  assert.deepEqual(await scores(third), expected);
  await third.close();
});

test('what cannot be read is refused with what to do', async () => {
  await fitRecommender(options('ids', { text: 'never' }));
  await assert.rejects(open('ids'), { code: 'RECOMMEND_ITEMS', message: /--text always/ });
  const nameless = await write('nameless.csv', ['item_id,headline', 'x,sunny', 'y,moody']);
  await assert.rejects(open('plain', { source: nameless }), { code: 'DATA_COLUMN_MISSING', message: /Add 'title'/ });
  const elsewhere = at('model');
  await cp(TINY_MODEL, elsewhere, { recursive: true });
  await fitRecommender(options('moved', { model: elsewhere, refit: false, itemItem: false }));
  const other = await write('other.csv', ['item_id,title', 'x,never read before']);
  await rm(elsewhere, { recursive: true });
  await assert.rejects(open('moved', { source: other }), { message: /no file or folder here.*--model/s });
  await assert.rejects(open('moved', { source: other }, { model: 'embedded' }), {
    code: 'PROMPT_BASE_MODEL',
    message: /--model/,
  });
  const found = await open('moved', { source: other }, { model: TINY_MODEL });
  assert.ok((await scores(found)).has('x'));
  await found.close();
});

test('from the command line', async () => {
  const newer = ['--items', table, '--cache', cacheFolder, '--threads', '1'];
  const ask = ['recommend', 'for', at('mixed'), '--history', 'a1,a5'];
  const ended = await softprompt([...ask, ...newer, '--where', "stock = 'yes'", '--json']);
  assert.equal(ended.code, 0, ended.stderr);
  const { list } = jsonEvents(ended).at(-1) as unknown as { list: { item_id: string }[] };
  assert.deepEqual(list.map(({ item_id }) => item_id).sort(), ['new-a', 'twin-a']);
  const similar = await softprompt(['recommend', 'similar', at('mixed'), 'twin-a', ...newer, '--k', '1']);
  assert.match(similar.stdout, /Note {4}4 of 5 items of the table are new.*\n.*\n +1\. cold-a/);
  const alone = await softprompt([...ask, '--replace-known']);
  assert.match(alone.stderr, /^FLAG_MISSING: The flag --items is missing.*--replace-known/);
});
