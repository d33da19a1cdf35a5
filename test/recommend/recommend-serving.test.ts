import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  fitRecommender,
  likelyUsers,
  type OpenRecommender,
  openRecommender,
  type RecommendForOptions,
  recommendBatch,
  recommendFor,
  similarItems,
} from '../../src/library/recommend.js';
import { writeStyles } from '../tasks/style-task.js';
import { TINY_MODEL } from '../tasks/word-task.js';

const folder = await mkdtemp(join(tmpdir(), 'softprompt-serving-'));
let open: OpenRecommender;

/** Fits the two styles into a folder of this name. */
async function fitStyles(name: string, itemItem: boolean): Promise<OpenRecommender> {
  const out = join(folder, name);
  await fitRecommender({
    ...(await writeStyles(folder)),
    out,
    model: TINY_MODEL,
    itemTemplate: '{title}',
    text: 'always',
    textWidth: 8,
    itemItem,
    threads: 1,
    network: { width: 16, layers: 1, maxLength: 8, batchSize: 16, epochs: 12, patience: 12, learningRate: 0.01 },
  });
  return openRecommender(out, { threads: 1 });
}

before(async () => {
  open = await fitStyles('styles', false);
});
after(async () => {
  await open.close();
  await rm(folder, { recursive: true });
});

const ids = async (history: string[], options: RecommendForOptions = {}) =>
  (await recommendFor(open, { history }, options)).map(({ item }) => item);
const sunny = ['a1', 'a5', 'a9'];

test('conditions, allow and deny lists hold, and keep the order of the whole list', async () => {
  const all = await ids(sunny, { k: 100 });
  const cases: [RecommendForOptions, (item: string) => boolean][] = [
    [{ where: "style = 'dark'" }, (item) => item.startsWith('b') || item === 'cold-b'],
    [{ where: 'year > 2005' }, (item) => Number(item.slice(1)) > 5],
    [{ allow: ['a2', 'b2', 'a1', 'cold-a'] }, (item) => ['a2', 'b2', 'cold-a'].includes(item)],
    [{ deny: ['a2', 'a3'] }, (item) => !['a2', 'a3'].includes(item)],
    [{ where: "style = 'light'", deny: ['a2'], allow: ['a2', 'a3', 'b4'] }, (item) => item === 'a3'],
    [{ where: 'false' }, () => false],
  ];
  for (const [filters, keeps] of cases) {
    const expected = all.filter(keeps);
    assert.deepEqual(await ids(sunny, { ...filters, k: 100 }), expected, JSON.stringify(filters));
    assert.deepEqual(await ids(sunny, { ...filters, k: 3 }), expected.slice(0, 3));
  }
});

test('a boost moves the items that meet its condition, by what it says', async () => {
  const plain = await recommendFor(open, { history: sunny }, { k: 100 });
  const boosts = [{ where: "style = 'dark'", add: 50 }];
  const boosted = await recommendFor(open, { history: sunny }, { k: 100, boosts });
  assert.match(plain[0]!.item, /a/);
  assert.ok(boosted.slice(0, 21).every(({ attributes }) => attributes.style === 'dark'));
  for (const { item, score, attributes } of boosted) {
    const before = plain.find((one) => one.item === item)!.score;
    assert.ok(Math.abs(score - before - (attributes.style === 'dark' ? 50 : 0)) < 1e-4);
  }
});

test('diversity brings in the other style, and at 0 changes nothing', async () => {
  const dark = (list: string[]) => list.filter((item) => item.startsWith('b') || item === 'cold-b').length;
  const [plain, none, some] = [
    await ids(sunny),
    await ids(sunny, { diversity: 0 }),
    await ids(sunny, { diversity: 0.7 }),
  ];
  assert.deepEqual(none, plain);
  assert.equal(dark(plain), 0);
  assert.ok(dark(some) >= 2, some.join());
  assert.equal(some[0], plain[0]);
});

test('an item that nobody met is recommended, and is a history of its own; one without text is neither', async () => {
  const light = await ids(['cold-a'], { k: 10 });
  assert.ok(light.filter((item) => item.startsWith('a')).length >= 8, light.join());
  const forDark = await ids(['cold-b', 'b3'], { k: 42 });
  assert.ok(forDark.indexOf('cold-a') === -1 || forDark.indexOf('cold-a') > 15);
  assert.ok((await ids(sunny, { k: 100 })).includes('cold-a'));
  assert.ok(!(await ids(sunny, { k: 100 })).includes('silent'));
  assert.deepEqual(await ids(sunny, { allow: ['silent'] }), []);
});

test('beside an item-item model, too, an item that nobody met stands among those of its style', async () => {
  const mixed = await fitStyles('mixed', true);
  const { items, itemItem } = mixed.saved.recommender;
  assert.ok(itemItem !== undefined && itemItem.mixture.weight > 0);
  const list = (await recommendFor(mixed, { history: sunny }, { k: 100 })).map(({ item }) => item);
  await mixed.close();
  // borrowed votes are kept only where they gain beside likeness of texts
  assert.equal(itemItem.model.targets.includes(items.indexOf('cold-a')), itemItem.borrows);
  assert.ok(!itemItem.model.targets.includes(items.indexOf('silent')));
  const place = list.indexOf('cold-a');
  assert.ok(place !== -1 && place < list.findIndex((item) => item.startsWith('b')), `${place} of ${list}`);
});

test('an empty history gets what is popular; a user with one interaction is served', async () => {
  const notes: string[] = [];
  const popular = await recommendFor(open, { history: [] }, { onNote: (text) => notes.push(text), k: 5 });
  assert.equal(popular[0]!.item, 'a0', 'the item that most users met');
  assert.ok(
    popular.every(({ score }) => score < 0),
    'logarithms of shares',
  );
  assert.match(notes.join(), /what is popular/);
  const explained = await recommendFor(open, { history: [] }, { explain: true });
  assert.ok(explained.every(({ because }) => because!.length === 0));
  const one = await recommendFor(open, { user: 'newcomer' }, { k: 10, explain: true });
  assert.ok(one.length === 10 && one.every(({ item }) => item !== 'b7'));
  assert.ok(one.filter(({ attributes }) => attributes.style === 'dark').length >= 7);
});

test('unknown ids: an error that says which, or skipped with a note', async () => {
  await assert.rejects(ids(['a1', 'gone', 'lost']), { code: 'RECOMMEND_REQUEST', message: /'gone'/ });
  await assert.rejects(recommendFor(open, { user: 'nobody' }), { code: 'RECOMMEND_REQUEST' });
  const notes: string[] = [];
  const onNote = (text: string) => notes.push(text);
  assert.deepEqual(await ids(['a1', 'gone', 'a5', 'a9'], { skipUnknown: true, onNote }), await ids(sunny));
  assert.match(notes.join(), /1 of 4 items of the history are not known: gone/);
  assert.deepEqual(await ids(['gone'], { skipUnknown: true, onNote }), await ids([]));
  await ids(sunny, { allow: ['a2', 'sold'], deny: ['x'], onNote });
  assert.match(notes.join(), /1 of 2 allowed items are not known: sold/);
  await assert.rejects(ids(sunny, { allow: ['sold'] }), { code: 'RECOMMEND_REQUEST' });
});

test('filters that cannot be used are refused', async () => {
  await assert.rejects(ids(sunny, { where: 'colour = 1' }), { code: 'RECOMMEND_FILTER', message: /style/ });
  await assert.rejects(ids(sunny, { boosts: [{ where: 'year >', add: 1 }] }), { code: 'RECOMMEND_FILTER' });
  await assert.rejects(ids(sunny, { diversity: 1.5 }), { code: 'RECOMMEND_OPTION' });
  await assert.rejects(ids(sunny, { boosts: [{ where: 'true', add: Number.NaN }] }), { code: 'RECOMMEND_OPTION' });
});

test('a list is of a whole number of items, at least one', async () => {
  const refusal = { code: 'RECOMMEND_OPTION', message: /k is .*a whole number from 1/s };
  for (const k of [-1, 0, 2.5, Number.NaN]) {
    await assert.rejects(ids(sunny, { k }), refusal);
    await assert.rejects(similarItems(open, 'a1', { k }), refusal);
    await assert.rejects(likelyUsers(open, 'a1', { k }), refusal);
    await assert.rejects(recommendBatch(open, { out: join(folder, `${k}.csv`), k }), refusal);
  }
});

test('a cold item: what is like it, and who would like it', async () => {
  const similar = (await similarItems(open, 'cold-a', { k: 8 })).map(({ item }) => item);
  assert.ok(
    similar.every((item) => item.startsWith('a')),
    similar.join(),
  );
  const dark = await similarItems(open, 'cold-a', { k: 3, where: "style = 'dark'" });
  assert.ok(dark.every(({ attributes }) => attributes.style === 'dark'));
  assert.ok(dark.every(({ score }, i) => score <= 1 && (i === 0 || score <= dark[i - 1]!.score)));

  const light = await likelyUsers(open, 'cold-a', { k: 10 });
  assert.ok(
    light.filter(({ user }) => Number(user.slice(1)) % 2 === 0).length >= 9,
    light.map((one) => one.user).join(),
  );
  const [first] = light;
  const all = await recommendFor(open, { user: first!.user }, { k: 100, includeSeen: true });
  const total = all.reduce((sum, { score }) => sum + Math.exp(score), 0);
  const own = Math.exp(all.find(({ item }) => item === 'cold-a')!.score) / total;
  assert.ok(Math.abs(Math.exp(first!.score) - own) < 1e-4 * own, 'a probability among all known items');

  const met = (await recommendFor(open, { user: 'newcomer' }, { k: 100 })).every(({ item }) => item !== 'b7');
  assert.ok(met);
  const without = await likelyUsers(open, 'b7', { k: 100 });
  assert.ok(without.every(({ user }) => user !== 'newcomer'));
  const withThem = await likelyUsers(open, 'b7', { k: 100, includeSeen: true });
  assert.equal(withThem.length, 61);
  await assert.rejects(similarItems(open, 'silent'), { code: 'RECOMMEND_REQUEST', message: /Nothing is known/ });
  await assert.rejects(likelyUsers(open, 'nothing'), { code: 'RECOMMEND_REQUEST', message: /not known/ });
});
