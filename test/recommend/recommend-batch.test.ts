import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { InferenceSession } from 'onnxruntime-node';
import { readTable } from '../../src/data/read-table.js';
import {
  type BatchOptions,
  openApproximate,
  openRecommender,
  recommendBatch,
  recommendFor,
} from '../../src/library/recommend.js';
import { writeRecommender } from '../../src/recommend/folder/recommender-folder.js';
import { readSearchIndex } from '../../src/recommend/folder/search-index-file.js';
import { itemVectors } from '../../src/recommend/sequential/fuse-items.js';
import { randomRecommender } from './random-recommender.js';

const folder = await mkdtemp(join(tmpdir(), 'softprompt-batch-'));
const USERS = 1200;
await writeRecommender(
  join(folder, 'random'),
  randomRecommender({ items: 300, users: USERS, width: 8, historyLength: 6, maxLength: 5 }),
);
const open = await openRecommender(join(folder, 'random'), { threads: 1 });
after(async () => {
  await open.close();
  await rm(folder, { recursive: true });
});
const at = (name: string) => join(folder, name);
const rowsOf = async (path: string) => {
  const rows = [];
  for await (const { values } of readTable(path)) rows.push(Object.fromEntries(values));
  return rows;
};

/** Runs a batch and interrupts it after the first save. */
async function interrupted(options: BatchOptions): Promise<number> {
  const stop = new AbortController();
  const result = await recommendBatch(open, options, { signal: stop.signal, onProgress: () => stop.abort() });
  assert.equal(result.ended, 'interrupted');
  assert.ok(!existsSync(options.out));
  return result.users;
}

test('a batch holds for every user what he would get alone, in every format', async () => {
  const filters = { where: "parity = 'odd'", boosts: [{ where: "item_id = 'i7'", add: 0.05 }], diversity: 0.2, k: 4 };
  const expected = new Map<string, string[]>();
  for (const user of ['u0', 'u1', 'u1030', 'u1199']) {
    expected.set(
      user,
      (await recommendFor(open, { user }, filters)).map(({ item }) => item),
    );
  }
  for (const format of ['parquet', 'jsonl', 'csv', 'tsv']) {
    const out = at(`all.${format}`);
    const { ended, users, resumedAfter } = await recommendBatch(open, { ...filters, out });
    assert.deepEqual([ended, users, resumedAfter], ['finished', USERS, 0]);
    const rows = await rowsOf(out);
    assert.equal(rows.length, 4 * USERS);
    assert.deepEqual(Object.keys(rows[0]!), ['user_id', 'rank', 'item_id', 'score']);
    for (const [user, items] of expected) {
      const own = rows.filter(({ user_id }) => user_id === user);
      assert.deepEqual(
        own.map(({ item_id, rank }) => [item_id, Number(rank)]),
        items.map((item, i) => [item, i + 1]),
        `${user} in ${format}`,
      );
    }
    await assert.rejects(recommendBatch(open, { ...filters, out }), { code: 'DATA_OUTPUT_EXISTS' });
  }
  assert.ok(readdirSync(folder).every((name) => !name.includes('unfinished')));
});

test('an interrupted batch goes on where it was, to the same bytes, even if its last line was cut off', async () => {
  await recommendBatch(open, { out: at('whole.csv'), k: 3 });
  const done = await interrupted({ out: at('parts.csv'), k: 3 });
  assert.ok(done > 0 && done < USERS);
  await writeFile(at('parts.csv.unfinished'), 'u1,2,i', { flag: 'a' });
  const again = await recommendBatch(open, { out: at('parts.csv'), k: 3 });
  assert.deepEqual([again.ended, again.resumedAfter, again.users], ['finished', done, USERS]);
  assert.equal(readFileSync(at('parts.csv'), 'utf8'), readFileSync(at('whole.csv'), 'utf8'));

  await interrupted({ out: at('lost.csv'), k: 3 });
  await truncate(at('lost.csv.unfinished'), 10); // less than was promised: begins anew
  assert.equal((await recommendBatch(open, { out: at('lost.csv'), k: 3 })).resumedAfter, 0);
  assert.equal(readFileSync(at('lost.csv'), 'utf8'), readFileSync(at('whole.csv'), 'utf8'));
});

test('another request does not go on with what lies there', async () => {
  await interrupted({ out: at('other.jsonl'), k: 3 });
  const others: Partial<BatchOptions>[] = [
    { k: 4 },
    { where: "parity = 'odd'" },
    { onlyUsers: ['u1'] },
    { diversity: 0.1 },
  ];
  for (const change of others) {
    await assert.rejects(recommendBatch(open, { out: at('other.jsonl'), k: 3, ...change }), {
      code: 'BATCH_UNFINISHED',
    });
  }
  const replaced = await recommendBatch(open, { out: at('other.jsonl'), k: 1, onlyUsers: ['u1'], overwrite: true });
  assert.deepEqual([replaced.ended, replaced.resumedAfter], ['finished', 0]);
  assert.equal((await rowsOf(at('other.jsonl'))).length, 1);
});

test('some users, each once; unknown ones are refused or skipped', async () => {
  const users = ['u5', 'u3', 'u5', 'stranger'];
  await assert.rejects(recommendBatch(open, { out: at('some.csv'), onlyUsers: users }), { code: 'RECOMMEND_REQUEST' });
  const notes: string[] = [];
  const options = { out: at('some.csv'), onlyUsers: users, skipUnknown: true, k: 2 };
  await recommendBatch(open, options, { onNote: (text) => notes.push(text) });
  assert.deepEqual(
    (await rowsOf(at('some.csv'))).map(({ user_id }) => user_id),
    ['u5', 'u5', 'u3', 'u3'],
  );
  assert.match(notes.join(), /1 of 3 users are not known: stranger/);
  await assert.rejects(recommendBatch(open, { out: at('some.txt') }), { code: 'DATA_FORMAT_UNKNOWN' });
  await assert.rejects(recommendBatch(open, { out: join(at('whole.csv'), 'x.csv'), onlyUsers: ['u5'] }), {
    code: 'DATA_UNWRITABLE',
  });
});

test('approximate search keeps its promise, and its index as long as the vectors stay', async () => {
  const notes: string[] = [];
  const search = await openApproximate(open, { threads: 1, recall: 0.9, onNote: (text) => notes.push(text) });
  assert.ok(search.recall >= 0.9);
  assert.match(notes[0]!, /^approximate search: \d+ of \d+ cells; recall@10 against exact search (0\.9|1\.0)/);
  const indexFile = join(folder, 'random', 'approximate.safetensors');
  const written = statSync(indexFile).mtimeMs;
  const again = await openApproximate(open, { threads: 1, recall: 0.8 });
  assert.deepEqual([again.probes, statSync(indexFile).mtimeMs], [search.probes, written], 'nothing is built anew');
  const full = await openApproximate(open, { threads: 1, recall: 1 });
  assert.equal(full.recall, 1);
  const history = ['i1', 'i2'];
  const exact = await recommendFor(open, { history });
  const found = await recommendFor(open, { history }, { approximate: full });
  assert.deepEqual(
    found.map(({ item }) => item),
    exact.map(({ item }) => item),
  );
  await recommendBatch(open, { out: at('near.csv'), k: 3, approximate: full });
  const exactRows = (await rowsOf(at('whole.csv'))).map(({ item_id }) => item_id);
  const nearRows = (await rowsOf(at('near.csv'))).map(({ item_id }) => item_id);
  assert.deepEqual(nearRows, exactRows);
  await assert.rejects(openApproximate(open, { recall: 2 }), { code: 'RECOMMEND_OPTION' });
  for (const { close: release } of [search, again, full]) await release();

  const other = randomRecommender({ items: 300, users: USERS, width: 8, historyLength: 6, maxLength: 5, seed: 2 });
  assert.equal(await readSearchIndex(join(folder, 'random'), itemVectors(other.recommender.network)), undefined);
});

test('an approximate search that cannot be tuned leaves no session behind', async (context) => {
  const created = context.mock.method(InferenceSession, 'create');
  const { prototype } = InferenceSession as unknown as { readonly prototype: InferenceSession };
  const released = context.mock.method(prototype, 'release');
  const served = { ...open.served, score: () => Promise.reject(new Error('out of memory')) };
  await assert.rejects(openApproximate({ ...open, folder: at('none'), served }, { threads: 1 }), /out of memory/);
  assert.ok(created.mock.callCount() > 0);
  assert.equal(released.mock.callCount(), created.mock.callCount());
});
