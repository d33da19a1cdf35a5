import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  type FitEvent,
  fitRecommender,
  openRecommender,
  type RecommendOptions,
  recommendFor,
} from '../../src/library/recommend.js';
import { writeRecommender } from '../../src/recommend/folder/recommender-folder.js';
import { sasRecScorer } from '../../src/recommend/sequential/sasrec.js';
import { jsonEvents, softprompt } from '../cli/spawn-softprompt.js';
import { writeStyles } from '../tasks/style-task.js';
import { TINY_MODEL } from '../tasks/word-task.js';
import { randomRecommender } from './random-recommender.js';

const folder = await mkdtemp(join(tmpdir(), 'softprompt-recommend-faults-'));
after(() => rm(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const file = async (name: string, content: string | Uint8Array) => {
  await writeFile(at(name), content);
  return at(name);
};
const styles = await writeStyles(folder);
const lines = (await readFile(styles.interactions, 'utf8')).trim().split('\n');
const options = (name: string, changes: Partial<RecommendOptions> = {}): RecommendOptions => ({
  interactions: styles.interactions,
  out: at(name),
  threads: 1,
  itemItem: false,
  network: { width: 8, layers: 1, maxLength: 8, batchSize: 16, epochs: 2, patience: 2, learningRate: 0.01 },
  ...changes,
});
async function fit(chosen: RecommendOptions) {
  const notes: string[] = [];
  const result = await fitRecommender(chosen, { onEvent: (event) => event.event === 'note' && notes.push(event.text) });
  return { result, notes };
}

test('duplicated rows count once, and are told', async () => {
  const plain = await fit(options('plain'));
  const doubled = [...lines, ...lines.slice(1, 101)];
  const { result, notes } = await fit(
    options('doubled', { interactions: await file('doubled.csv', doubled.join('\n')) }),
  );
  assert.deepEqual(result.test, plain.result.test);
  const copies = (all: readonly string[]) => all.length - new Set(all).size;
  assert.ok(notes.includes(`${copies(doubled)} copied rows were left out`), notes.join());
});

test('times that cannot be read: an error with the line, or dropped and told', async () => {
  const interactions = await file('times.csv', `${lines.join('\n')}\nu1,a3,yesterday\nu2,b4,\n,a1,1000\n`);
  await assert.rejects(fit(options('times', { interactions })), {
    code: 'DATA_TIME_INVALID',
    message: new RegExp(`times\\.csv:${lines.length + 1} .*yesterday`),
  });
  const { result, notes } = await fit(options('times', { interactions, interactionTable: { invalidRows: 'drop' } }));
  assert.equal(result.ended, 'finished');
  assert.ok(notes.some((text) => /rows left out: 1 without a user or item, 2 with an unreadable time/.test(text)));
});

test('a table of other items is refused before anything is trained, with a model or without', async () => {
  const items = await file('foreign.csv', 'item_id,title\nx1,sunny\nx2,moody\n');
  const code = 'DATA_IDS_FOREIGN';
  const trained: unknown[] = [];
  const hooks = { onEvent: (event: FitEvent) => event.event === 'epoch' && trained.push(event) };
  await assert.rejects(fitRecommender(options('foreign', { items, model: TINY_MODEL }), hooks), { code });
  await assert.rejects(fitRecommender(options('foreign', { items, overwrite: true }), hooks), { code });
  assert.deepEqual(trained, []);
});

test('three interactions a user leave nothing to learn from', async () => {
  const rows = Array.from({ length: 9 }, (_, i) => `u${Math.floor(i / 3)},a${i % 4},${1000 + i}`);
  const interactions = await file('three.csv', `user_id,item_id,timestamp\n${rows.join('\n')}\n`);
  await assert.rejects(fit(options('three', { interactions })), {
    code: 'RECOMMEND_DATA',
    message: /two interactions/,
  });
});

test('items without text, and items that the table lacks, are known by who met them', async () => {
  const table = (await readFile(styles.items, 'utf8')).trim().split('\n');
  const thin = table.flatMap((line) => {
    if (/^[ab]1,/.test(line)) return [];
    return [/^[ab][2-5],/.test(line) ? line.replace(/,[^,]*/, ',') : line];
  });
  const items = await file('thin.csv', thin.join('\n'));
  const reading = { items, model: TINY_MODEL, itemTemplate: '{title}', text: 'always', textWidth: 4 } as const;
  const { notes } = await fit(options('thin', reading));
  assert.ok(
    notes.some((text) => text.endsWith('; 11 have no text')),
    notes.join(),
  );
  const open = await openRecommender(at('thin'), { threads: 1 });
  const all = (await recommendFor(open, { history: ['a1', 'a2'] }, { k: 100 })).map(({ item }) => item);
  await open.close();
  for (const item of ['b1', 'a3', 'b5', 'cold-a']) assert.ok(all.includes(item), item);
  assert.ok(!all.includes('silent'), 'neither met nor read');
});

test('item texts in another encoding: refused with its name, or read by it', async () => {
  const table = (await readFile(styles.items, 'utf8')).replace('sunny', 'été');
  const items = await file('latin.csv', Buffer.from(table, 'latin1'));
  const reading = { items, model: TINY_MODEL, itemTemplate: '{title}', text: 'always', textWidth: 4 } as const;
  await assert.rejects(fit(options('latin', reading)), { code: 'DATA_ENCODING', message: /WINDOWS-1252/ });
  await fit(options('latin', { ...reading, itemTable: { encoding: 'windows-1252' } }));
  const open = await openRecommender(at('latin'), { threads: 1 });
  const [first] = await recommendFor(open, { history: ['a3'] }, { allow: ['a0'] });
  await open.close();
  assert.match(first!.attributes.title!, /^été/);
});

test('a million items: right lists in bounded memory', async () => {
  const ITEMS = 1_000_000;
  const USERS = 240;
  const large = randomRecommender({ items: ITEMS, users: USERS, width: 4, historyLength: 6, maxLength: 6 });
  await writeRecommender(at('large'), large);
  const batch = ['batch', at('large'), '--out', at('large.jsonl'), '--k', '1', '--threads', '1', '--json'];
  const ended = await softprompt(['recommend', ...batch]);
  assert.equal(ended.code, 0, ended.stderr);
  const { users, peak_rss_mib: peak } = jsonEvents(ended).at(-1)! as unknown as { users: number; peak_rss_mib: number };
  assert.equal(users, USERS);
  // what is garbage and not yet collected differs by 200 MiB from run to run
  assert.ok(peak < 900, `${peak} MiB; the scores of all users alone would be 916 MiB beside 340 MiB for the rest`);

  const history = large.histories.items.subarray(0, 6);
  const scorer = await sasRecScorer(large.recommender.network, { threads: 1 });
  const scores = await scorer.score(Int32Array.of(0), [history]);
  await scorer.release();
  for (const item of history) scores[item] = Number.NEGATIVE_INFINITY;
  const best = scores.reduce((top, score, item) => (score > scores[top]! ? item : top), 0);
  const [row] = (await readFile(at('large.jsonl'), 'utf8')).split('\n');
  assert.equal((JSON.parse(row!) as { item_id: string }).item_id, `i${best}`);
});
