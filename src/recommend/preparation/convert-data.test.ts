import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readAttributes } from '../../data/interactions/attribute-table.js';
import type { InteractionData } from '../../data/interactions/interaction-data.js';
import { readInteractions } from '../../data/interactions/read-interactions.js';
import { convertData } from '../../data/preparation/convert-data.js';
import { OUTPUT_FORMATS } from '../../data/writing/output-table.js';
import { describeData } from '../../recommend/preparation/describe-data.js';
import { splitData } from '../../recommend/preparation/split-data.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-data-'));
after(() => rmSync(folder, { recursive: true }));
function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const interactions = file(
  'shop.csv',
  'when,reviewerID,sku,stars\n2024-05-31T12:00:00Z,"a, b",x y,3.7\n2024-05-30,c,007,5\n2024-05-31T12:00:00.5Z,c,"x y",0.1\n',
);
const interactionTable = { columns: { time: 'when' } };

test('interactions survive every format, to the last bit', async () => {
  const original = (await readInteractions(interactions, interactionTable)).data;
  assert.equal(original.time![2], Date.UTC(2024, 4, 31, 12) / 1000 + 0.5);
  for (const format of OUTPUT_FORMATS) {
    const out = join(folder, `shop-${format}`);
    const [written] = await convertData({ interactions, interactionTable, out, format });
    assert.deepEqual([written!.rows, written!.columns], [3, ['user_id', 'item_id', 'rating', 'timestamp']]);
    const { data, report } = await readInteractions(written!.path);
    assert.deepEqual<InteractionData>(data, original, format);
    assert.equal(report.timeUnit, 'seconds');
    assert.deepEqual(readdirSync(out).length, 1, 'nothing else is left behind');
    await assert.rejects(convertData({ interactions, interactionTable, out, format }), { code: 'DATA_OUTPUT_EXISTS' });
    await convertData({ interactions, interactionTable, out, format, overwrite: true });
  }
  const atomic = readFileSync(join(folder, 'shop-recbole', 'shop-recbole.inter'), 'utf8');
  assert.equal(atomic.split('\n')[0], 'user_id:token\titem_id:token\trating:float\ttimestamp:float');
});

test('items in another encoding: numbers become numbers, ids stay text, empty cells stay empty', async () => {
  const latin = Buffer.from('id|title|year|zip\n1|Déjà "vu"\tII|1990|00501\n02||1991.5|10001\n3|Z||7\n', 'latin1');
  const items = file('u.item', latin);
  const itemTable = { delimiter: '|', encoding: 'windows-1252' };
  for (const format of OUTPUT_FORMATS) {
    const [written] = await convertData({ items, itemTable, out: join(folder, `items-${format}`), format });
    const table = await readAttributes(written!.path, 'item');
    const title = format === 'tsv' || format === 'recbole' ? 'Déjà "vu" II' : 'Déjà "vu"\tII';
    assert.deepEqual(table.ids, ['1', '02', '3'], format);
    assert.deepEqual(table.columns.get('title'), [title, '', 'Z']);
    assert.deepEqual(table.columns.get('zip'), ['00501', '10001', '7']);
    const years = table.columns.get('year')!.map((year) => (year === '' ? null : Number(year)));
    assert.deepEqual(years, [1990, 1991.5, null]);
  }
  const lines = readFileSync(join(folder, 'items-jsonl', 'items.jsonl'), 'utf8').split('\n');
  assert.deepEqual(JSON.parse(lines[1]!), { item_id: '02', title: null, year: 1991.5, zip: '10001' });
  await assert.rejects(
    convertData({ items, itemTable: { delimiter: '|' }, out: join(folder, 'wrong'), format: 'csv' }),
    { code: 'DATA_ENCODING' },
  );
});

test('an id is not lost to another column of the name that ids are written under', async () => {
  const items = file('joined.csv', 'id,item_id,title\n1,old-1,One\n');
  const out = join(folder, 'joined');
  const itemTable = { idColumn: 'id' };
  await assert.rejects(convertData({ items, itemTable, out, format: 'jsonl' }), { code: 'DATA_COLUMN_REPEATED' });
  assert.ok(!existsSync(out));
  await convertData({ items, itemTable: { idColumn: 'item_id' }, out, format: 'jsonl' });
  assert.equal(readFileSync(join(out, 'items.jsonl'), 'utf8'), '{"item_id":"old-1","id":1,"title":"One"}\n');
});

test('what cannot be written is said, and the old file stays', async () => {
  const out = file('a-file', '');
  await assert.rejects(convertData({ interactions, interactionTable, out, format: 'csv' }), {
    code: 'DATA_UNWRITABLE',
  });
  const kept = join(folder, 'kept');
  mkdirSync(join(kept, 'interactions.parquet'), { recursive: true });
  const options = { interactions, interactionTable, out: kept, format: 'parquet', overwrite: true } as const;
  await assert.rejects(convertData(options), { code: 'DATA_UNWRITABLE' });
  assert.deepEqual(readdirSync(kept), ['interactions.parquet']);
});

const rows = [
  ...[1, 2, 3, 4].map((time) => `u1,i${time},${time}`),
  ...[2, 3, 1].map((time) => `u2,i${time},${10 + time}`),
  'u2,i2,12',
  'u3,i1,90',
];

test('a split: three files that read as what they are, users with one interaction in training', async () => {
  const source = file('walk.csv', `user,item,time\n${rows.join('\n')}\n`);
  for (const format of ['csv', 'recbole'] as const) {
    const out = join(folder, `split-${format}`);
    const { protocol, files, notes, leaks } = await splitData({ interactions: source, out, format });
    assert.match(protocol, /^leave-one-out: the last interaction of each user with at least 3/);
    assert.ok(notes.includes('1 copied rows were left out'));
    assert.deepEqual(
      leaks.map(({ users }) => users),
      [2, 2],
    );
    const parts = [];
    for (const { path } of files) {
      const { data } = await readInteractions(path);
      parts.push(
        Array.from(data.user, (user, row) => [data.users[user], data.items[data.item[row]!], data.time![row]]),
      );
    }
    assert.deepEqual(parts, [
      [
        ['u1', 'i1', 1],
        ['u1', 'i2', 2],
        ['u2', 'i1', 11],
        ['u3', 'i1', 90],
      ],
      [
        ['u1', 'i3', 3],
        ['u2', 'i2', 12],
      ],
      [
        ['u1', 'i4', 4],
        ['u2', 'i3', 13],
      ],
    ]);
  }
  assert.deepEqual(readdirSync(join(folder, 'split-recbole')).sort(), [
    'split-recbole.test.inter',
    'split-recbole.train.inter',
    'split-recbole.valid.inter',
  ]);
  const byTime = { interactions: source, out: join(folder, 'by-time'), format: 'jsonl', split: 'time' } as const;
  assert.match((await splitData({ ...byTime, validShare: 0.25, testShare: 0.25 })).protocol, /^global time split/);
});

test('a description of a set with every fault', async () => {
  const faulty = file('faulty.csv', `user,item,time\n${rows.join('\n')}\n,i1,5\nu1,i9,yesterday\n`);
  await assert.rejects(describeData({ interactions: faulty }), { code: 'DATA_ID_MISSING' });
  const items = file('some.csv', 'id,title\ni1,One\ni2,\ni77,Other\n');
  const described = await describeData({
    interactions: faulty,
    interactionTable: { invalidRows: 'drop' },
    items,
  });
  assert.deepEqual(described.report.dropped, { withoutId: 1, invalidTime: 1, invalidRating: 0 });
  assert.deepEqual(described.report.columns, { user: 'user', item: 'item', time: 'time' });
  assert.deepEqual(described.items, { rows: 3, missing: 2, unused: 1, empty: { title: 1 } });
  assert.equal(described.interactions.usersWithOne, 1);
  assert.equal(described.interactions.duplicates, 1);
  assert.equal(described.interactions.interactions, 9);
  assert.equal(described.leaks[1]!.interactions, 2);
});
