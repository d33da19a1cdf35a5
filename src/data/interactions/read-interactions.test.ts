import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { type ErrorCode, SoftpromptError } from '../../errors.js';
import { matchAttributes, readAttributes, withUnseenIds } from './attribute-table.js';
import { type InteractionOptions, readInteractions } from './read-interactions.js';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'softprompt-interactions-'));
});
after(() => rm(folder, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function read(name: string, content: string | Uint8Array, options?: InteractionOptions) {
  return readInteractions(await file(name, content), options);
}

async function fails(result: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> {
  await assert.rejects(result, (error) => {
    assert.ok(error instanceof SoftpromptError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

const expected = {
  users: ['u1', 'u2'],
  items: ['a', 'b'],
  user: Int32Array.of(0, 0, 1),
  item: Int32Array.of(0, 1, 0),
  time: Float64Array.of(100, 200, 150),
  rating: Float32Array.of(5, 3.5, 1),
};

test('the same interactions from every format, with their columns found', async () => {
  const rows = [
    ['u1', 'a', '5', '100'],
    ['u1', 'b', '3.5', '200'],
    ['u2', 'a', '1', '150'],
  ];
  const lines = (delimiter: string) => rows.map((row) => row.join(delimiter)).join('\n');
  const header = {
    csv: 'userId,movieId,rating,timestamp',
    inter: 'user_id:token,item_id:token,rating:float,timestamp:float',
  };
  const jsonl = rows.map(([user, item, rating, time]) =>
    JSON.stringify({ rating, user, parent_asin: item, ts: Number(time) }),
  );
  const names = ['user', 'item', 'rating', 'time'];
  const results = [
    await read('a.csv', `${header.csv}\n${lines(',')}`),
    await read('a.tsv.gz', gzipSync(`${header.csv.replaceAll(',', '\t')}\n${lines('\t')}`)),
    await read('a.inter', `${header.inter.replaceAll(',', '\t')}\n${lines('\t')}`),
    await read('a.jsonl', jsonl.join('\n')),
    await read('ratings.dat', `${lines('::')}\r\n`, { delimiter: '::', names }),
    await read('u.data', lines('\t'), { format: 'tsv', names }),
  ];
  for (const { data, report } of results) {
    assert.deepEqual(data, expected, report.source);
    assert.equal(report.rows, 3);
    assert.equal(report.timeUnit, 'order');
  }
  assert.deepEqual(results[0]!.report.columns, {
    user: 'userId',
    item: 'movieId',
    time: 'timestamp',
    rating: 'rating',
  });
  assert.deepEqual(results[2]!.report.columns, {
    user: 'user_id',
    item: 'item_id',
    time: 'timestamp',
    rating: 'rating',
  });
});

test('Parquet and a database, with timestamps', async () => {
  const database = join(folder, "it's.duckdb");
  const parquet = join(folder, 'a.parquet');
  const instance = await DuckDBInstance.create(database);
  const connection = await instance.connect();
  await connection.run(
    `CREATE TABLE events AS SELECT * FROM (VALUES ('u1', 'a', TIMESTAMP '1970-01-01 00:01:40', 5.0), ('u1', 'b', TIMESTAMP '1970-01-01 00:03:20', 3.5),
     ('u2', 'a', TIMESTAMP '1970-01-01 00:02:30', 1.0)) t(customer_id, sku, created_at, stars)`,
  );
  await connection.run(`COPY events TO '${parquet}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  const fromParquet = await readInteractions(parquet);
  assert.deepEqual(fromParquet.data, expected);
  assert.equal(fromParquet.report.timeUnit, 'date');
  const query = 'SELECT * FROM events ORDER BY created_at';
  const fromDatabase = await readInteractions({ type: 'duckdb', database, query });
  assert.deepEqual([...fromDatabase.data.time!], [100, 150, 200]);
  await fails(
    readInteractions({ type: 'duckdb', database, query: 'SELECT * FROM event' }),
    'DATA_DATABASE',
    /duckdb database answers: .*event/,
  );
});

test('a database that needs an extension which is not there: export it', async (context) => {
  try {
    await readInteractions({ type: 'sqlite', database: join(folder, 'none.sqlite'), query: 'SELECT 1' });
    assert.fail('there is no such database');
  } catch (error) {
    assert.ok(error instanceof SoftpromptError && error.code === 'DATA_DATABASE');
    if (/database answers/.test(error.message)) return context.skip('the extension is installed here');
    assert.match(error.message, /extension for sqlite is not installed.*sqlite3 -header -csv/);
  }
});

test('times: seconds, milliseconds, microseconds and dates mean the same', async () => {
  const seconds = 1_700_000_000;
  for (const [unit, texts] of Object.entries({
    seconds: [String(seconds), '1.7e9', '1700000000.0'],
    milliseconds: ['1700000000000'],
    microseconds: ['1700000000000000'],
    date: ['2023-11-14T22:13:20Z', '2023-11-14 22:13:20', '2023-11-14T23:13:20+01:00', '2023-11-14 17:13:20.000-0500'],
  })) {
    for (const text of texts) {
      const { data, report } = await read('t.csv', `user,item,time\nu,i,${text}\n`);
      assert.equal(data.time![0], seconds, text);
      assert.equal(report.timeUnit, unit);
    }
  }
  assert.deepEqual((await read('d.csv', 'user,item,date\nu,i,1970-01-02\n')).data.time, Float64Array.of(86400));
  const forced = await read('ms.csv', 'user,item,time\nu,i,5000\n', { timeUnit: 'milliseconds' });
  assert.deepEqual(forced.data.time, Float64Array.of(5));
});

test('what cannot be read is an error with its place, or is dropped and counted', async () => {
  const text = 'user,item,rating,time\nu,a,1,10\nu,,1,11\nu,b,?,12\nu,c,1,soon\nu,d,1,2023-01-01\n,e,1,13\nu,f,4,14\n';
  const path = await file('bad.csv', text);
  await fails(readInteractions(path), 'DATA_ID_MISSING', /bad\.csv:3 has nothing in 'item'/);
  const { data, report } = await readInteractions(path, { invalidRows: 'drop' });
  assert.deepEqual(data.items, ['a', 'f']);
  assert.deepEqual([...data.time!, ...data.rating!], [10, 14, 1, 4]);
  assert.equal(report.rows, 7);
  assert.deepEqual(report.dropped, { withoutId: 2, invalidTime: 2, invalidRating: 1 });
  await fails(
    read('t.csv', 'user,item,time\nu,a,05/06/2020\n'),
    'DATA_TIME_AMBIGUOUS',
    /t\.csv:2 has the time "05\/06\/2020"/,
  );
  await fails(read('m.csv', 'user,item,time\nu,a,2023-02-31\n'), 'DATA_TIME_INVALID', /2023-02-31/);
  const impossible = ['2020-00-10', '0050-01-01', '2020-01-01T24:59:00', '2020-01-01T25:00', '2020-01-01T10:00+99:99'];
  for (const time of [...impossible, '2020-13-01', '2020-01-00', '2020-01-01T10:60', '2020-01-01T10:00:61']) {
    await fails(read('i.csv', `user,item,time\nu,a,${time}\n`), 'DATA_TIME_INVALID', /i\.csv:2/);
  }
  const midnights = await read('n.csv', 'user,item,time\nu,a,1970-01-01T24:00:00\nu,b,1972-06-30T23:59:60.5Z\n');
  assert.deepEqual([...midnights.data.time!], [86400, Date.UTC(1972, 6, 1) / 1000 + 0.5]);
  await fails(
    read('k.csv', 'user,item,time\nu,a,1\nu,a,2023-02-01\n'),
    'DATA_TIME_INVALID',
    /k\.csv:3 .*Expected a number/,
  );
  await fails(read('r.csv', 'user,item,rating\nu,a,good\n'), 'DATA_RATING_INVALID', /r\.csv:2 has the rating "good"/);
  const ignored = await read('r.csv', 'user,item,rating\nu,a,good\n', { columns: { rating: null } });
  assert.equal(ignored.data.rating, undefined);
});

test('columns that cannot be found are asked for', async () => {
  await fails(read('c.csv', 'who,what\nu,a\n'), 'DATA_COLUMN_MISSING', /columns 'who', 'what'\. .*holds the user/);
  const { data } = await read('c.csv', 'who,what\nu,a\n', { columns: { user: 'who', item: 'what' } });
  assert.deepEqual([data.users, data.items], [['u'], ['a']]);
  await fails(
    read('w.csv', 'user,item\nu,a\n', { columns: { time: 'when' } }),
    'DATA_COLUMN_MISSING',
    /Expected 'when'/,
  );
});

test('sequences: a line a user, a JSON list, or RecBole with the next item apart', async () => {
  const same = { users: ['7', '8'], items: ['x', 'y', 'z'], user: [0, 0, 0, 1, 1], item: [0, 1, 2, 2, 0] };
  const lines = await read('s.txt', '7 x y z\n8 z x\n', {
    layout: 'sequences',
    delimiter: ' ',
    names: ['user', 'items'],
    restInLast: true,
  });
  const recbole = await read('s.inter', 'user_id:token\titem_id_list:token_seq\titem_id:token\n7\tx y\tz\n8\tz\tx\n', {
    layout: 'sequences',
  });
  const json = await read('s.jsonl', '{"user":7,"history":["x","y","z"]}\n{"user":8,"history":["z","x"]}\n', {
    layout: 'sequences',
  });
  for (const { data } of [lines, recbole, json]) {
    const { users, items, user, item } = data;
    assert.deepEqual({ users, items, user: [...user], item: [...item] }, same);
  }
  await fails(
    read('p.inter', 'user_id:token\titem_id_list:token_seq\n7\tx\n7\tx y\n', { layout: 'sequences' }),
    'DATA_ID_REPEATED',
    /p\.inter:3 holds a second sequence of the user '7'/,
  );
});

test('sequences from Parquet and a database: a list keeps its ids, with spaces and every digit', async () => {
  const database = join(folder, 'lists.duckdb');
  const parquet = join(folder, 'lists.parquet');
  const instance = await DuckDBInstance.create(database);
  const connection = await instance.connect();
  await connection.run(
    `CREATE TABLE lists AS SELECT * FROM (VALUES (1, ['a1', 'b c', '"d"'], [1234567890123456789, 7]), (2, NULL, [7]))
     t(user, history, "some ""codes")`,
  );
  await connection.run(`COPY lists TO '${parquet}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  const queries = ['SELECT * FROM lists', 'SELECT * FROM lists;\n', 'SELECT * FROM lists -- all of them'];
  for (const source of [parquet, ...queries.map((query) => ({ type: 'duckdb', database, query }) as const)]) {
    const texts = await readInteractions(source, { layout: 'sequences', columns: { items: 'history' } });
    assert.deepEqual(texts.data.items, ['a1', 'b c', '"d"']);
    const codes = await readInteractions(source, { layout: 'sequences', columns: { items: 'some "codes' } });
    assert.deepEqual(codes.data.items, ['1234567890123456789', '7']);
    assert.deepEqual([...codes.data.user], [0, 0, 1]);
  }
});

test('another encoding is read when it is named, and is an error otherwise', async () => {
  const path = await file('u.item', Buffer.from('1|Misérables, Les|1995\n2|GoldenEye|1995\n', 'latin1'));
  const options = { delimiter: '|', names: ['movie id', 'title', 'year'] };
  await fails(
    readAttributes(path, 'item', options),
    'DATA_ENCODING',
    /u\.item:1 is not UTF-8 text; .*--encoding windows-1252/,
  );
  const table = await readAttributes(path, 'item', { ...options, encoding: 'latin1', keep: ['title'] });
  assert.deepEqual(table, { ids: ['1', '2'], columns: new Map([['title', ['Misérables, Les', 'GoldenEye']]]) });
  await fails(
    readAttributes(path, 'item', { ...options, encoding: 'utf-9' }),
    'DATA_ENCODING_UNKNOWN',
    /such as utf-8/,
  );
  await fails(readAttributes(path, 'item', { ...options, encoding: 'utf-16le' }), 'DATA_ENCODING', /windows-1252/);
});

test('items and users: ids, texts, and how they fit the interactions', async () => {
  const table = await readAttributes(
    await file('i.jsonl', '{"id":"b","title":"B"}\n{"id":"a","genre":"x y"}\n{"id":"z","title":"Z"}\n'),
    'item',
  );
  assert.deepEqual(table.ids, ['b', 'a', 'z']);
  assert.deepEqual(Object.fromEntries(table.columns), { title: ['B', '', 'Z'], genre: ['', 'x y', ''] });
  const match = matchAttributes(table, ['a', 'q', 'b']);
  assert.deepEqual({ ...match, rows: [...match.rows] }, { rows: [1, -1, 0], missing: 1, unused: 1 });
  assert.deepEqual(withUnseenIds(['a', 'q', 'b'], table), ['a', 'q', 'b', 'z']);
  assert.throws(() => matchAttributes(table, ['1']), /ids such as '1'.* such as 'b' in the table/);
  await fails(
    readAttributes(await file('d.csv', 'user_id,age\n1,20\n1,21\n'), 'user'),
    'DATA_ID_REPEATED',
    /d\.csv:3 has the user '1' again/,
  );
  await fails(
    readAttributes(await file('k.csv', 'user_id,age\n1,20\n'), 'user', { keep: ['aeg'] }),
    'DATA_COLUMN_MISSING',
    /nothing in 'aeg'/,
  );
});

test('ids with half a character are counted, and those that would become one are refused', async () => {
  const line = (user: string, item: string) => JSON.stringify({ user_id: user, item_id: item });
  const { data, report } = await read('h.jsonl', [line('u\ud83d', 'a'), line('u\ud83d', 'b\udc00'), ''].join('\n'));
  assert.deepEqual([data.users, data.items, [...data.user]], [['u\ufffd'], ['a', 'b\ufffd'], [0, 0]]);
  assert.equal(report.malformedIds, 2);
  const alike = await file('l.jsonl', [line('u\ud83d', 'a'), line('u\ud83e', 'a'), ''].join('\n'));
  await fails(readInteractions(alike), 'DATA_ID_REPEATED', /l\.jsonl has 2 ids with half a character/);
  const lists = await file('s.jsonl', '{"user_id":"u","items":["a\\ud83d","a\\ud83e"]}\n');
  await fails(readInteractions(lists, { layout: 'sequences' }), 'DATA_ID_REPEATED', /s\.jsonl has 2 ids/);
});
