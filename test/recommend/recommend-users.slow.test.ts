import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readTable } from '../../src/data/read-table.js';
import {
  evaluateRecommender,
  type FitEvent,
  fitRecommender,
  openApproximate,
  openRecommender,
  type RecommendOptions,
  recommendBatch,
  recommendFor,
  resumeRecommender,
} from '../../src/library/recommend.js';
import { Random } from '../../src/random.js';
import { jsonEvents, softprompt } from '../cli/spawn-softprompt.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-users-'));
after(() => rmSync(folder, { recursive: true }));

const ITEMS = 12;
const STRIDES = { young: 1, middle: 4, old: 7 };
type Kind = keyof typeof STRIDES;
const KINDS = Object.keys(STRIDES) as Kind[];

/** Everyone meets a random item and then one that his age decides; the second interaction of some validates or tests. */
function writeWorld() {
  const random = new Random(4);
  const rows = ['user_id,item_id,timestamp'];
  const users = ['user_id,age,job,street'];
  for (let u = 0; u < 560; u++) {
    const kind = KINDS[random.integer(3)]!;
    const age = { young: 20, middle: 40, old: 60 }[kind] + random.integer(10);
    const item = random.integer(ITEMS);
    if (u % 9 !== 0) users.push(`u${u},${age},${['cook', 'clerk'][random.integer(2)]},street ${u}`);
    rows.push(`u${u},i${item},${1000 + u}`);
    rows.push(`u${u},i${(item + STRIDES[kind]) % ITEMS},${u < 400 ? 1900 : u < 480 ? 2000 : 3000}`);
  }
  const write = (name: string, lines: readonly string[]) => {
    writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(''));
    return join(folder, name);
  };
  return { interactions: write('interactions.csv', rows), users: write('users.csv', users) };
}

const world = writeWorld();
const options = (name: string, changes: Partial<RecommendOptions> = {}): RecommendOptions => ({
  ...world,
  split: 'time',
  validShare: 80 / 1120,
  testShare: 80 / 1120,
  itemItem: false,
  out: join(folder, name),
  threads: 1,
  network: {
    ...{ width: 16, layers: 1, maxLength: 4, dropout: 0, batchSize: 64, epochs: 40, patience: 40, learningRate: 0.01 },
    decay: 'constant',
    userDropout: 0.1,
  },
  ...changes,
});

test('attributes of users are learned where they tell what follows, kept by validation, and served', async () => {
  const notes: string[] = [];
  const onEvent = (event: FitEvent) => event.event === 'note' && notes.push(event.text);
  const result = await fitRecommender(options('learned'), { onEvent });
  const without = await fitRecommender(options('without', { users: undefined }));
  assert.deepEqual([result.users, without.users], [true, undefined]);
  const [told, untold] = [result.test!['ndcg@10']!, without.test!['ndcg@10']!];
  assert.ok(told > untold + 0.1, `NDCG@10 ${told}, without the users ${untold}`);
  assert.ok(notes.some((note) => /^users are told apart by age \(under \d+, .*\), job \(2 values\)$/.test(note)));
  assert.ok(notes.includes('columns of the users that are left out: street'), notes.join('\n'));
  assert.ok(notes.includes('63 of 560 users have no attributes'), notes.join('\n'));

  const open = await openRecommender(join(folder, 'learned'));
  const first = async (item: number, userAttributes?: Record<string, string>) => {
    const list = await recommendFor(open, { history: [`i${item}`], userAttributes }, { k: 3 });
    return list.map((one) => one.item);
  };
  let right = 0;
  for (let item = 0; item < ITEMS; item++) {
    for (const [kind, age] of [
      ['young', '25'],
      ['middle', '41-49'],
      ['old', '66'],
    ] as const) {
      if ((await first(item, { age }))[0] === `i${(item + STRIDES[kind]) % ITEMS}`) right += 1;
    }
  }
  assert.ok(right > 23, `${right} of 36 new users`);
  assert.deepEqual(await first(2, { age: 'unknown', job: 'pilot' }), await first(2));
  await assert.rejects(first(2, { aeg: '25' }), { code: 'RECOMMEND_REQUEST' });
  const cold = await recommendFor(open, { history: [], userAttributes: { age: '25' } }, { k: ITEMS });
  assert.equal(cold.length, ITEMS);

  // a known user is told apart by the table, unless the request says otherwise
  const known = open.saved.users.indexOf('u1');
  const history = Array.from(
    open.saved.histories.items.subarray(open.saved.histories.offsets[known], open.saved.histories.offsets[known + 1]),
    (code) => open.saved.recommender.items[code]!,
  );
  const asKnown = await recommendFor(open, { user: 'u1' }, { k: ITEMS, explain: true });
  const asNew = await recommendFor(open, { history }, { k: ITEMS });
  assert.notDeepEqual(
    asKnown.map(({ score }) => score),
    asNew.map(({ score }) => score),
  );
  const forgotten = await recommendFor(open, { user: 'u1', userAttributes: {} }, { k: ITEMS });
  assert.deepEqual(forgotten, asNew);
  await open.close();
});

test('lists for all users, approximate search and evaluation are told of the users too', async () => {
  const fitted = await fitRecommender(options('told', { userTokens: 'always', userVectors: true }));
  const evaluated = await evaluateRecommender(fitted.out, { threads: 1 });
  assert.deepEqual([evaluated.valid, evaluated.test], [fitted.valid, fitted.test]);

  const open = await openRecommender(fitted.out, { threads: 1 });
  const search = await openApproximate(open, { recall: 1, threads: 1 });
  const filters = { deny: ['i0'], includeSeen: true, k: ITEMS };
  const itemsOf = (list: readonly { readonly item: string }[]) => list.map(({ item }) => item);
  const young = { history: ['i3'], userAttributes: { age: '25' } };
  const old = { history: ['i3'], userAttributes: { age: '66' } };
  for (const request of [young, old, { user: 'u1' }, { history: [], userAttributes: { age: '25' } }]) {
    const exact = itemsOf(await recommendFor(open, request, filters));
    assert.equal(exact.length, ITEMS - 1);
    assert.deepEqual(itemsOf(await recommendFor(open, request, { ...filters, approximate: search })), exact);
  }
  assert.equal((await recommendFor(open, young, filters))[0]!.item, 'i4');
  assert.equal((await recommendFor(open, old, filters))[0]!.item, 'i10');

  const users = ['u1', 'u2', 'u9'];
  for (const approximate of [undefined, search]) {
    const out = join(folder, approximate ? 'near.jsonl' : 'exact.jsonl');
    await recommendBatch(open, { ...filters, onlyUsers: users, approximate, out });
    const rows: ReadonlyMap<string, string | null>[] = [];
    for await (const { values } of readTable(out)) rows.push(values);
    for (const user of users) {
      const own = rows.filter((row) => row.get('user_id') === user).map((row) => row.get('item_id'));
      assert.deepEqual(own, itemsOf(await recommendFor(open, { user }, filters)));
    }
  }
  await search.close();
  await open.close();
});

test('an interrupted fit with users ends the same; columns that tell nobody apart are refused', async () => {
  const short = { ...options('').network, epochs: 4 };
  const chosen = { network: short, userVectors: true, userAttributes: ['job'], userTokens: 'always' } as const;
  const whole = await fitRecommender(options('whole', chosen));
  assert.equal(whole.users, true);
  const stop = new AbortController();
  let epochs = 0;
  const first = await fitRecommender(options('parts', chosen), {
    signal: stop.signal,
    onEvent: ({ event }) => event === 'epoch' && ++epochs === 2 && stop.abort(),
  });
  assert.equal(first.ended, 'interrupted');
  const second = await resumeRecommender(join(folder, 'parts'));
  assert.deepEqual([second.test, second.valid], [whole.test, whole.valid]);
  const [a, b] = await Promise.all(['whole', 'parts'].map((name) => openRecommender(join(folder, name))));
  assert.deepEqual(a!.saved.recommender, b!.saved.recommender);
  assert.ok(a!.saved.recommender.network.users!.shares!.every((share) => share > 0 && share < 0.1));
  for (const open of [a!, b!]) await open.close();

  await assert.rejects(fitRecommender(options('bad', { userAttributes: ['street'] })), { code: 'RECOMMEND_DATA' });
  await assert.rejects(fitRecommender(options('bad', { users: undefined, userAttributes: ['job'] })), {
    code: 'RECOMMEND_OPTION',
  });
});

test('the command line fits with users, and recommends by attributes', async () => {
  const out = join(folder, 'cli');
  const data = ['--interactions', world.interactions, '--users', world.users, '--split', 'time', '--no-item-item'];
  const small = ['--epochs', '2', '--width', '8', '--user-tokens', 'always', '--user-attributes', 'age'];
  const fitted = await softprompt(['recommend', 'fit', ...data, ...small, '--out', out, '--json']);
  assert.equal(fitted.code, 0, fitted.stderr);
  assert.equal(jsonEvents(fitted).at(-1)!.users, true);
  const ask = (attributes: string) =>
    softprompt(['recommend', 'for', out, '--history', 'i1', '--user-attributes', attributes, '--json']);
  const [young, old] = [jsonEvents(await ask('age=22')).at(-1)!, jsonEvents(await ask('age=65')).at(-1)!];
  assert.notDeepEqual(young.list, old.list);
  assert.equal(jsonEvents(await ask('age')).at(-1)!.code, 'RECOMMEND_REQUEST');
});
