import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { jsonEvents, softprompt } from './spawn-softprompt.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-data-cli-'));
after(() => rmSync(folder, { recursive: true }));
const data = (...args: string[]) => softprompt(['data', ...args], { cwd: folder });

const lines = [0, 1, 2, 3].flatMap((user) =>
  [0, 1, 2, 3].map((t) => `${user}::${(user + t) % 5}::5::${1_700_000_000 + t}`),
);
writeFileSync(join(folder, 'ratings.dat'), `${lines.join('\n')}\n`);
const READ = ['--interactions', 'ratings.dat', '--delimiter', '::', '--names', 'user,movie,rating,time'];

test('describe, for people and for programs', async () => {
  const said = await data('describe', ...READ, '--item-column', 'movie');
  assert.deepEqual([said.code, said.stderr], [0, '']);
  assert.match(
    said.stdout,
    /^Columns {7}user = user, item = movie, time = time, rating = rating \(seconds since 1970\)$/m,
  );
  assert.match(said.stdout, /^interactions +16$/m);
  assert.match(said.stdout, /^most popular items +1 % +5 % +10 % +20 %/m);
  assert.match(said.stdout, /^with items unknown to training +\d+ +\d+$/m);
  const told = await data('describe', ...READ, '--item-column', 'movie', '--k-core', '2', '--json');
  const [result, ...more] = jsonEvents(told).reverse();
  assert.deepEqual(more, []);
  assert.equal(result!.event, 'result');
  assert.equal((result!.interactions as { interactions_per_item: { median: number } }).interactions_per_item.median, 3);
});

test('convert and split, from a file and a database, with a config file', async () => {
  const config = 'delimiter: "::"\nnames: [user, item, rating, time]\nrating-column: none\nto: recbole\n';
  writeFileSync(join(folder, 'read.yaml'), config);
  const converted = await data(
    'convert',
    '--interactions',
    'ratings.dat',
    '--config',
    'read.yaml',
    '--out',
    'ml',
    '--json',
  );
  assert.deepEqual(jsonEvents(converted).at(-1), {
    event: 'result',
    files: [{ path: join('ml', 'ml.inter'), rows: 16, columns: ['user_id', 'item_id', 'timestamp'] }],
    notes: [],
  });
  const instance = await DuckDBInstance.create(join(folder, 'shop.duckdb'));
  const connection = await instance.connect();
  await connection.run(
    `CREATE TABLE bought AS SELECT * FROM read_csv('${join(folder, 'ml', 'ml.inter')}', all_varchar = true)`,
  );
  connection.closeSync();
  instance.closeSync();
  const query = 'SELECT "user_id:token" AS user, "item_id:token" AS item, "timestamp:float" AS time FROM bought';
  const split = await data('split', '--database', 'duckdb:shop.duckdb', '--query', query, '--out', 'parts');
  assert.deepEqual([split.code, split.stderr], [0, '']);
  assert.match(split.stdout, /^Split {3}leave-one-out: /m);
  assert.match(split.stdout, /^Wrote {3}parts.test\.csv: 4 rows of user_id, item_id, timestamp$/m);
  assert.equal(readFileSync(join(folder, 'parts', 'train.csv'), 'utf8').split('\n').length, 1 + 8 + 1);
});

test("a European Excel's files are read without a flag, an advised one is taken", async () => {
  const rows = ['u1;i1;1,5;2024-03-01', 'u1;i2;2,5;2024-03-02', 'u1;i3;4;2024-03-03'];
  writeFileSync(join(folder, 'bought.csv'), `\ufeffsep=;\r\n${['user;item;rating;date', ...rows].join('\r\n')}\r\n`);
  writeFileSync(join(folder, 'items.csv'), Buffer.from('"id";"title"\r\n"i1";"Caf\xe9; am Rande"\r\n', 'latin1'));
  const convert = (...flags: string[]) =>
    data(
      'convert',
      '--interactions',
      'bought.csv',
      '--items',
      'items.csv',
      '--out',
      'european',
      '--overwrite',
      ...flags,
    );
  const { code, stderr } = await convert();
  assert.equal(code, 1);
  const [flag] = /--encoding [\w-]+/.exec(stderr) ?? [];
  const left = readdirSync(folder, { recursive: true }).filter((name) => String(name).startsWith(join('european', '')));
  assert.deepEqual(left, [], 'no file is left of a command that failed');
  assert.equal((await convert(...flag!.split(' '))).stderr, '');
  const written = (name: string) => readFileSync(join(folder, 'european', name), 'utf8').split('\n');
  assert.deepEqual(written('interactions.csv')[1], 'u1,i1,1.5,1709251200');
  assert.deepEqual(written('items.csv')[1], 'i1,Café; am Rande');
});

test('no message shows the password of a database', async () => {
  for (const database of [
    'postgresql://ann:s3cret@db/shop',
    'oracle:postgresql://ann:s3cret@db/shop',
    'host=db password=s3cret:x',
    'duckdb:host=db password=s3cret',
  ]) {
    const { code, stdout, stderr } = await data('describe', '--database', database, '--query', 'SELECT 1');
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^DATA_DATABASE: /);
    assert.doesNotMatch(stderr, /s3cret/, database);
  }
  const { stderr } = await data('describe', '--database', 'duckdb:host=db password=s3cret', '--query', 'SELECT 1');
  assert.match(stderr, /duckdb database answers: .*host=db /);
});

test('what is wrong is said with its code', async () => {
  const code = async (...args: string[]) => {
    const ended = await data(...args, '--json');
    assert.equal(ended.code, 1);
    return jsonEvents(ended).at(-1)!.code;
  };
  assert.equal(await code('convert', '--out', 'x'), 'FLAG_MISSING');
  assert.equal(await code('describe', ...READ, '--database', 'duckdb:x', '--query', 'SELECT 1'), 'FLAG_CONFLICT');
  assert.equal(await code('describe', '--database', 'oracle:x', '--query', 'SELECT 1'), 'DATA_DATABASE');
  assert.equal(await code('split', ...READ, '--user-column', 'nobody', '--out', 'x'), 'DATA_COLUMN_MISSING');
});
