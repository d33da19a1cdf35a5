import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readTable, type TableOptions } from './read-table.js';
import { readDocuments } from './text-documents.js';
import { writeTable } from './writing/write-table.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-foreign-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}
async function rows(path: string, options?: TableOptions) {
  const all: Record<string, string | null>[] = [];
  for await (const { values } of readTable(path, options)) all.push(Object.fromEntries(values));
  return all;
}
const latin = (text: string) => Buffer.from(text, 'latin1');

const workbook = latin(`PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0${'\0'.repeat(12)}\x13\0\x08\x02[Content_Types].xml`);
const FOREIGN: Readonly<Record<string, [content: string | Uint8Array, says: RegExp]>> = {
  'book.csv': [workbook, /Excel workbook.*CSV UTF-8/],
  'book.xlsx': [workbook, /Excel workbook.*CSV UTF-8/],
  'book.xls': [latin('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0'), /Excel 97.*CSV UTF-8/],
  'data.csv': [latin('PK\x03\x04\x14\0\0\0\x08\0data.txt'), /zip archive.*Unpack/],
  'data.csv.zst': [latin('\x28\xb5\x2f\xfd\x04\0'), /packed file.*Unpack/],
  'paper.jsonl': [latin('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n'), /PDF/],
  'packed.csv.gz': [gzipSync(`${'data.csv'.padEnd(257, '\0')}ustar\x0000`), /tar archive/],
  'base.csv': [latin('SQLite format 3\0\x10\0'), /--database sqlite:FILE --query/],
  'lfs.parquet': ['version https://git-lfs.github.com/spec/v1\noid sha256:1\n', /git lfs pull/],
  'error.csv': ['<!DOCTYPE html>\n<html><body>404</body></html>\n', /web page.*Fetch the file again/],
  'error.parquet': ['\n<html lang="en"><body>404</body></html>\n', /web page/],
  'error.json': ['<?xml version="1.0"?><Error/>\n', /web page or XML/],
  'rows.csv': ['{"a": 1, "b": 2}\n{"a": 3, "b": 4}\n', /is JSON.*--format json/],
  'array.tsv': ['[\n  {"a": 1}\n]\n', /is JSON.*--format json/],
};

test('a file of another kind is named, with the remedy', async () => {
  for (const [name, [content, says]] of Object.entries(FOREIGN)) {
    await assert.rejects(rows(file(name, content)), { code: 'DATA_FORMAT_FOREIGN', message: says }, name);
  }
  await assert.rejects(readDocuments(file('corpus.txt', workbook)), { code: 'DATA_FORMAT_FOREIGN' });
});

test('a table that only begins like something else is read', async () => {
  assert.deepEqual(await rows(file('orc.csv', 'ORC,PAR1\n1,2\n')), [{ ORC: '1', PAR1: '2' }]);
  assert.deepEqual(await rows(file('par.csv', 'PAR1,x\n1,2\n')), [{ PAR1: '1', x: '2' }]);
  assert.deepEqual(await rows(file('brace.csv', '{a},b\n1,2\n')), [{ '{a}': '1', b: '2' }]);
});

test('Parquet is told by its first bytes, unless another format is named', async () => {
  const parquet = join(folder, 'real.parquet');
  await writeTable(parquet, 'parquet', [{ name: 'id', type: 'id' }], [['007']]);
  const content = readFileSync(parquet);
  for (const name of ['named.csv', 'named', 'named.txt.gz']) {
    const path = file(name, name.endsWith('.gz') ? gzipSync(content) : content);
    assert.deepEqual(await rows(path), [{ id: '007' }], name);
  }
  await assert.rejects(rows(join(folder, 'named.csv'), { format: 'csv' }), {
    code: 'DATA_FORMAT_FOREIGN',
    message: /is Parquet.*--format parquet/,
  });
});
