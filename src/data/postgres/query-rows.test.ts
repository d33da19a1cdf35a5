/** The same rows from PGlite and from a server, whatever the types; told as text that other readers understand. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readDatabase } from '../read-database.js';
import { asUrl, withoutPassword } from './connection-string.js';
import { openEmbedded } from './embedded-database.js';

const server = process.env.SOFTPROMPT_TEST_DATABASE;
const folder = mkdtempSync(join(tmpdir(), 'query-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const QUERY = `select 'ann' as "User Id", 7::bigint as item, 2.5::float8 as rating, true as liked, null as nothing,
  timestamptz '2026-01-02 03:04:05+02' as time, array['a,b', 'c d'] as tags, '{"a": [1]}'::jsonb as facts,
  'thé'::bytea as bytes -- a comment`;

const PLACES = [
  { type: 'pglite' as const, database: join(folder, 'pglite'), skip: false as string | false },
  {
    ...{ type: 'postgres' as const, database: server ?? '' },
    skip: server === undefined && 'SOFTPROMPT_TEST_DATABASE names no server',
  },
];

for (const { type, database, skip } of PLACES) {
  describe(`a query on ${type}`, { skip }, () => {
    const rows = async (query: string) => {
      const all = [];
      for await (const row of readDatabase({ type, database, query })) all.push(row);
      return all;
    };

    it('reads values of all types as text, and any number of rows', async () => {
      if (type === 'pglite') await (await openEmbedded(database)).close();
      const [row] = await rows(QUERY);
      assert.deepEqual(
        [...row!.values],
        [
          ['User Id', 'ann'],
          ['item', '7'],
          ['rating', '2.5'],
          ['liked', 'true'],
          ['nothing', null],
          ['time', '2026-01-02 01:04:05+00'],
          ['tags', '["a,b","c d"]'],
          ['facts', '{"a": [1]}'],
          ['bytes', 'thé'],
        ],
      );
      const many = await rows('select n from generate_series(1, 12345) as t(n);');
      assert.deepEqual(
        many.map(({ number, values }) => [number, values.get('n')]),
        Array.from({ length: 12_345 }, (_, i) => [i + 1, String(i + 1)]),
      );
    });

    it('changes nothing, and tells what is wrong', async () => {
      await assert.rejects(rows('select 1 as a, 2 as "A"'), { code: 'DATA_COLUMN_REPEATED' });
      await assert.rejects(rows('select nothing from nowhere'), /database answers: .*nowhere/);
      await assert.rejects(rows("select nextval('x')"), { code: 'DATA_DATABASE' });
    });
  });
}

it('a folder that holds no database is none, and stays as it is', async () => {
  const query = { type: 'pglite' as const, database: join(folder, 'none'), query: 'select 1' };
  await assert.rejects(readDatabase(query).next(), { code: 'DATA_DATABASE' });
});

it('pairs of names and values say what a URI says, and no password is told', () => {
  const url = new URL(asUrl("host=db.example port=5433 dbname='my shop' user=me password='a \\' b'"));
  assert.deepEqual(
    [url.pathname, url.searchParams.get('host'), url.searchParams.get('port'), url.searchParams.get('password')],
    ['/my%20shop', 'db.example', '5433', "a ' b"],
  );
  assert.equal(withoutPassword('postgres://me:secret@h/db?sslpassword=x&a=b'), 'postgres://me@h/db?a=b');
});
