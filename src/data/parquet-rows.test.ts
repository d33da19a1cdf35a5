import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openDuckDB, textLiteral } from './duckdb-rows.js';
import { readDatabase } from './read-database.js';
import { readTable } from './read-table.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-columnar-'));
after(() => rmSync(folder, { recursive: true }));

async function make(name: string, select: string): Promise<string> {
  const path = join(folder, name);
  const { connection, close } = await openDuckDB();
  await connection.run(`COPY (${select}) TO ${textLiteral(path)} (FORMAT parquet)`);
  close();
  return path;
}

async function rows(path: string) {
  const all: Record<string, string | null>[] = [];
  for await (const { values } of readTable(path)) all.push(Object.fromEntries(values));
  return all;
}

test('strings without the mark of a text are text, in lists too; what is binary is hexadecimal', async () => {
  const path = await make(
    'binary.parquet',
    `SELECT encode('茶-1') AS id, [encode('é'), NULL] AS tags, NULL::BLOB AS none, 'x' AS plain,
       '\\x00\\xFF\\x10'::BLOB AS hash, {'bytes': '\\xFF\\x00'::BLOB, 'path': 'p'} AS image`,
  );
  assert.deepEqual(await rows(path), [
    {
      id: '茶-1',
      tags: '["é",null]',
      none: null,
      plain: 'x',
      hash: '00ff10',
      image: '{"bytes":"\\\\xFF\\\\x00","path":"p"}',
    },
  ]);
});

test('text and binary columns side by side keep their rows together, in the order of the file', async () => {
  const path = await make(
    'wide.parquet',
    "SELECT range AS n, encode('t' || range) AS t, from_hex(printf('00FF%08X', range)) AS b FROM range(130000)",
  );
  let n = 0;
  for await (const { values } of readTable(path)) {
    const hex = `00ff${n.toString(16).padStart(8, '0')}`;
    if (n % 997 === 0) assert.deepEqual([...values.values()], [String(n), `t${n}`, hex]);
    n += 1;
  }
  assert.equal(n, 130_000);
});

test('text in another encoding is refused', async () => {
  const latin = await make('latin.parquet', `SELECT 'caf\\xE9'::BLOB AS title`);
  await assert.rejects(rows(latin), { code: 'DATA_ENCODING', message: /column "title" of .*latin\.parquet/ });
  const marked = await make('marked.parquet', `SELECT 'XQXQ' AS title`);
  const bytes = readFileSync(marked).toString('latin1').replaceAll('XQXQ', 'caf\xe9');
  writeFileSync(marked, Buffer.from(bytes, 'latin1'));
  await assert.rejects(rows(marked), { code: 'DATA_ENCODING', message: /marked\.parquet is not UTF-8/ });
});

test('columns are those of the file, under their own names, whatever its path', async () => {
  mkdirSync(join(folder, 'user=7', 'a{1,2}[3]*'), { recursive: true });
  const path = await make(
    join('user=7', 'a{1,2}[3]*', 'x?.parquet'),
    'SELECT \'u\' AS "user", 1 AS filename, 2 AS file_row_number',
  );
  assert.deepEqual(await rows(path), [{ user: 'u', filename: '1', file_row_number: '2' }]);
  const cased = await make('cased.parquet', "SELECT 'a' AS \"Id\", {'k': 1, 'l': [2]} AS s, 'b' AS \"xd\"");
  const renamed = (name: string) =>
    writeFileSync(cased, Buffer.from(readFileSync(cased).toString('latin1').replaceAll(/xd|id/g, name), 'latin1'));
  renamed('id');
  assert.deepEqual(await rows(cased), [{ Id: 'a', s: '{"k":1,"l":[2]}', id: 'b' }]);
  renamed('Id');
  await assert.rejects(rows(cased), { code: 'DATA_COLUMN_REPEATED', message: /two columns named 'Id'/ });
});

test('a path that begins with ~ is a path of this folder', async () => {
  const name = '~softprompt-test.parquet';
  assert.ok(homedir() !== process.cwd());
  const path = await make('tilde.parquet', 'SELECT 1 AS n');
  const cwd = process.cwd();
  process.chdir(folder);
  try {
    mkdirSync('~');
    writeFileSync(join('~', name), readFileSync(path));
    assert.deepEqual(await rows(`~/${name}`), [{ n: '1' }]);
  } finally {
    process.chdir(cwd);
  }
});

test('every type has one text, on every machine: times with a zone in UTC, numbers with all digits', async () => {
  const zone = process.env.TZ;
  process.env.TZ = 'Asia/Shanghai';
  try {
    const path = await make(
      'types.parquet',
      `SELECT TIMESTAMPTZ '1890-01-01 00:00:00+00' AS zoned, TIMESTAMP_NS '2024-01-01 00:00:00.000000001' AS ns,
         DATE '2024-01-31' AS day, 9007199254740993::BIGINT AS big, 170141183460469231731687303715884105727::HUGEINT AS huge,
         101::DOUBLE AS double, 0.1::FLOAT AS single, 1.50::DECIMAL(9, 2) AS price, 'b'::ENUM('a', 'b') AS letter,
         ['x y', 'z'] AS list, {'a': NULL} AS struct, MAP {'k': 1} AS map, true AS flag, 'nan'::DOUBLE AS nan,
         '0b6a6e5c-7b3f-4f6b-9d0b-1f2e3d4c5b6a'::UUID AS uuid, '' AS empty, NULL::VARCHAR AS missing`,
    );
    assert.deepEqual(await rows(path), [
      {
        zoned: '1890-01-01 00:00:00+00',
        ns: '2024-01-01 00:00:00.000000001',
        day: '2024-01-31',
        big: '9007199254740993',
        huge: '1.7014118346046923e+38', // Parquet has no such integer: DuckDB wrote a double
        double: '101.0',
        single: '0.1',
        price: '1.50',
        letter: 'b',
        list: '["x y","z"]',
        struct: '{"a":null}',
        map: '{"k":1}',
        flag: 'true',
        nan: 'nan',
        uuid: '0b6a6e5c-7b3f-4f6b-9d0b-1f2e3d4c5b6a',
        empty: '',
        missing: null,
      },
    ]);
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});

test('a query: texts of binary columns, huge integers, and no two columns of one name', async () => {
  const database = join(folder, 'shop.duckdb');
  const { connection, close } = await openDuckDB();
  await connection.run(`ATTACH ${textLiteral(database)} AS shop`);
  await connection.run(
    "CREATE TABLE shop.bought AS SELECT encode('李') AS \"user\", 170141183460469231731687303715884105727::HUGEINT AS item, '\\xFF'::BLOB AS raw",
  );
  close();
  const read = async (query: string) => {
    const all: unknown[] = [];
    for await (const { values } of readDatabase({ type: 'duckdb', database, query }))
      all.push(Object.fromEntries(values));
    return all;
  };
  assert.deepEqual(await read('SELECT * FROM bought -- all'), [
    { user: '李', item: '170141183460469231731687303715884105727', raw: '\\xFF' },
  ]);
  await assert.rejects(read('SELECT a.*, b.* FROM bought a JOIN bought b USING (item)'), {
    code: 'DATA_COLUMN_REPEATED',
    message: /the query has two columns named 'user'.*SELECT a\.id AS/,
  });
});
