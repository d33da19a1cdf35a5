import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type InteractionOptions, readInteractions } from './read-interactions.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-rows-'));
after(() => rmSync(folder, { recursive: true }));
async function read(name: string, content: string, options: InteractionOptions = {}) {
  writeFileSync(join(folder, name), content);
  return readInteractions(join(folder, name), options);
}

const day = (of: number) => `2024-01-${String(of).padStart(2, '0')}`;

test('columns are found by the names that people give them, whatever their case, spaces and marks', async () => {
  const headers: readonly [string, string][] = [
    ['用户ID,商品ID,下单时间,评分', '用户ID,商品ID,下单时间,评分'],
    ['会员编号,商品编码,日期,打分', '会员编号,商品编码,日期,打分'],
    ['CustomerID,StockCode,InvoiceDate,Stars', 'CustomerID,StockCode,InvoiceDate,Stars'],
    ['reviewerID,asin,Review Date,overall', 'reviewerID,asin,Review Date,overall'],
    ['USER ID, Product-ID ,time_ms, Score', 'USER ID, Product-ID ,time_ms, Score'],
    ['visitor,article,visit_ts,rating', 'visitor,article,visit_ts,rating'],
    ['member,song,listened_on,stars', 'member,song,listened_on,stars'],
    ['顧客,產品,購買時間,評分', '顧客,產品,購買時間,評分'],
  ];
  for (const [header, expected] of headers) {
    const { report } = await read('h.csv', `${header}\nu,i,${day(1)},3\n`);
    assert.deepEqual(Object.values(report.columns).sort(), expected.split(',').sort(), header);
  }
  const named = await read('n.csv', 'who, what ,When It Was\nu,i,2024-01-01\n', {
    columns: { user: 'who', item: 'what', time: 'when_it_was' },
  });
  assert.deepEqual(named.report.columns, { user: 'who', item: ' what ', time: 'When It Was' });
});

test('columns of JSON that the first rows lack are read all the same', async () => {
  const lines = [
    '{"extra":1}',
    `{"user":"u","item":"a","time":"${day(3)}"}`,
    `{"user":"u","item":"b","time":"${day(2)}","rating":4}`,
  ];
  await assert.rejects(read('late.jsonl', lines.join('\n')), { code: 'DATA_ID_MISSING', message: /late\.jsonl:1/ });
  const { data, report } = await read('late.jsonl', lines.join('\n'), {
    columns: { rating: null },
    invalidRows: 'drop',
  });
  assert.deepEqual([data.items, data.time!.length, report.dropped.withoutId], [['a', 'b'], 2, 1]);
  await assert.rejects(read('gap.jsonl', `{"user":"u","item":"a"}\n${lines[1]}\n`), {
    code: 'DATA_TIME_INVALID',
    message: /gap\.jsonl:1 has the time null/,
  });
});

test('without a column of times it is told, with what could be meant', async () => {
  const rows = [3, 2, 1].map((at) => `u,i${at},${at},${1_704_067_200 + at}`).join('\n');
  const none = await read('none.csv', 'user,item\nu,a\n');
  assert.match(
    none.notes.join(),
    /no column of times is read, so the order of the rows decides.*--time-column names one/,
  );
  const unread = await read('moment.csv', `user,item,place,moment\n${rows}\n`);
  assert.equal(unread.data.time, undefined);
  assert.match(
    unread.notes.join(),
    /'moment' looks like times, the newest first: if it is, give --time-column 'moment'/,
  );
  assert.doesNotMatch(unread.notes.join(), /'place'/);
  const hinted = await read('hint.csv', 'user,item,play_date\nu,a,spring\n');
  assert.match(hinted.notes.join(), /what stands in 'play_date' are not all times/);
  await assert.rejects(read('apart.csv', 'user,item,date,time\nu,a,2024-01-01,10:31:00\n'), {
    code: 'DATA_TIME_INVALID',
    message: /--time-column 'date'/,
  });
  const small = await read('small.csv', 'user,item,time_of_work\nu,a,3\nu,b,1\n');
  assert.equal(small.data.time, undefined);
  const asked = await read('asked.csv', 'user,item\nu,a\n', { columns: { time: null } });
  assert.deepEqual(asked.notes, []);
  const other = await read('release.csv', `user,item,release_date\nu,a,${day(1)}\n`);
  assert.equal(other.report.columns.time, undefined);
});

test('several columns that could be meant are told', async () => {
  const { report, notes } = await read(
    'many.csv',
    `user_id,session_id,item,timestamp,date\nu,s,a,1704067200,${day(1)}\n`,
  );
  assert.deepEqual(report.columns, { user: 'user_id', item: 'item', time: 'timestamp' });
  assert.match(notes.join('\n'), /user is read from 'user_id'; 'session_id' could be meant as well \(--user-column\)/);
  assert.match(notes.join('\n'), /time is read from 'timestamp'; 'date' could be meant as well \(--time-column\)/);
});

test('ids that may be none, ids with spaces and numbers with a point are told', async () => {
  for (const mark of ['NA', 'null', 'nan', 'None', '\\N', 'undefined']) {
    const text = `user,item\n${mark},a\n${mark},b\nu,a\n`;
    assert.match(
      (await read('mark.csv', text)).notes.join('\n'),
      /2 of 3 rows have ".*" in 'user'.*--drop-invalid/,
      mark,
    );
    const { data, report, notes } = await read('mark.csv', text, { invalidRows: 'drop', columns: { time: null } });
    assert.deepEqual([data.users, report.dropped.withoutId, notes], [['u'], 2, []]);
  }
  const spaced = await read('spaced.csv', 'user, item\nu, a\nu, b\n');
  assert.deepEqual(spaced.data.items, [' a', ' b']);
  assert.match(spaced.notes.join('\n'), /2 of 2 item ids in ' item' have spaces around them, such as " a".*\[" a"\]/);
  const floats = await read('floats.csv', 'user,item\n1.0,7\n2.0,7.0\n');
  assert.match(floats.notes.join('\n'), /2 of 2 user ids in 'user' are written as 1\.0, which is another id than 1/);
  assert.match(floats.notes.join('\n'), /1 of 2 item ids .*1 of them are there in both ways/);
  const lists = await read('lists.csv', 'user,item\nu,"[1, 2]"\nv,"[2, 3]"\n');
  assert.match(lists.notes.join('\n'), /2 of 2 item ids in 'item' are lists.*--layout sequences/);
  await assert.rejects(read('history.csv', 'user,history\nu,a b\n'), {
    code: 'DATA_COLUMN_MISSING',
    message: /'user', 'history'.*where 'history' holds all items of a user, give --layout sequences/,
  });
  await assert.rejects(read('blank.csv', 'user,item\n  ,a\n'), { code: 'DATA_ID_MISSING' });
  const crowd = Array.from({ length: 30 }, (_, i) => `${i < 20 ? 'guest' : `u${i}`},a${i}`).join('\n');
  assert.match(
    (await read('crowd.csv', `user,item\n${crowd}\n`)).notes.join('\n'),
    /one user, "guest", has 20 of 30 rows/,
  );
});

test('times that do not fit the others are dropped with their rows, and counted', async () => {
  const rows = [1, 2, 3, 4].map((at) => `u${at},i${at},${1_704_067_200 + at}`).join('\n');
  const text = `user,item,timestamp\nu0,i0,0\n${rows}\nu5,i5,NaT\n`;
  await assert.rejects(read('zero.csv', text), { code: 'DATA_TIME_INVALID' });
  const { data, report } = await read('zero.csv', text, { invalidRows: 'drop' });
  assert.deepEqual(data.users, ['u1', 'u2', 'u3', 'u4']);
  assert.deepEqual([...data.user], [0, 1, 2, 3]);
  assert.deepEqual([report.dropped.invalidTime, data.time![0]], [2, 1_704_067_201]);
});
