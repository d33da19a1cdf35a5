import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readTable } from '../read-table.js';
import { growTable } from './growing-table.js';
import { OUTPUT_FORMATS, type OutputColumn } from './output-table.js';
import { writeTable } from './write-table.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-writing-'));
after(() => rmSync(folder, { recursive: true }));

const COLUMNS: readonly OutputColumn[] = [
  { name: 'item_id', type: 'id' },
  { name: 'title', type: 'text' },
];

async function rows(path: string) {
  const all: (string | null)[][] = [];
  for await (const { values } of readTable(path)) all.push([...values.values()]);
  return all;
}

test('half a character is U+FFFD and a zero character stays, in every format, at once and in pieces', async () => {
  const given = [
    ['a\ud83d', 'cut \udc00 off 😀'],
    ['b', 'zero \0 character'],
  ];
  const read = [
    ['a\ufffd', 'cut \ufffd off 😀'],
    ['b', 'zero \0 character'],
  ];
  for (const format of OUTPUT_FORMATS) {
    const path = join(folder, `odd.${format === 'recbole' ? 'item' : format}`);
    await writeTable(path, format, COLUMNS, given);
    assert.deepEqual(await rows(path), read, format);
    const grown = join(folder, `grown.${format === 'recbole' ? 'item' : format}`);
    const table = await growTable(grown, format, COLUMNS, 'request', false);
    await table.append(given, 2);
    await table.finish();
    assert.deepEqual(await rows(grown), read, format);
  }
});

test('Parquet is written into any folder, and with rows of any length', async () => {
  const place = join(folder, 'user=7', '[a]*');
  mkdirSync(place, { recursive: true });
  const path = join(place, 'it?.parquet');
  const long = 'x'.repeat(40_000_000);
  await writeTable(path, 'parquet', COLUMNS, [
    ['1', 'short'],
    ['2', long],
    ['2024-01-01', '{"not": "parsed"}'],
  ]);
  const read = await rows(path);
  assert.deepEqual(
    [read[0], read[2]],
    [
      ['1', 'short'],
      ['2024-01-01', '{"not": "parsed"}'],
    ],
  );
  assert.ok(read[1]![1] === long);
  assert.deepEqual(readdirSync(place), ['it?.parquet']);
});

test('what cannot be written is refused for its reason, and nothing is left', async () => {
  const place = join(folder, 'refused');
  mkdirSync(place);
  const cased: OutputColumn[] = [
    { name: 'Tag', type: 'id' },
    { name: 'tag', type: 'id' },
  ];
  await assert.rejects(writeTable(join(place, 'a.parquet'), 'parquet', cased, [['x', 'y']]), {
    code: 'DATA_COLUMN_REPEATED',
    message: /differ in case alone \('Tag', 'tag'\)/,
  });
  await assert.rejects(
    writeTable(join(place, 'a.csv'), 'csv', COLUMNS, [['x', 'y']], async () => {
      throw new Error('the next table');
    }),
    /the next table/,
  );
  assert.deepEqual(readdirSync(place), []);
});
