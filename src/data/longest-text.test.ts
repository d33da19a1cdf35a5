import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readJsonRows } from './json-rows.js';
import { readTextBlocks } from './text-blocks.js';
import { readDocuments } from './text-documents.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-longest-'));
after(() => rmSync(folder, { recursive: true }));
function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}
async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

test('a JSON array that cannot be held as one text is refused, one that can is read', async () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `{"a": ${i}}`).join(',\n'); // several blocks
  const path = file('a.json', `[${lines}]`);
  assert.equal((await all(readJsonRows(path, undefined, lines.length + 2))).length, 20_000);
  await assert.rejects(all(readJsonRows(path, undefined, lines.length + 1)), {
    code: 'DATA_JSON_INVALID',
    message: /a\.json is an array of more than \d+ characters.*one object a line/,
  });
});

test('a line that cannot be held as one text is refused with its number', async () => {
  const path = file('a.txt', `first\n${'x'.repeat(300_000)}\nlast\n`);
  assert.equal((await all(readTextBlocks(path, 'utf-8', 400_000))).join('').length, 300_012);
  await assert.rejects(all(readTextBlocks(path, 'utf-8', 250_000)), {
    code: 'DATA_FILE_UNREADABLE',
    message: /a\.txt:2 is a line of more than/,
  });
});

test('a corpus without blank lines is refused where it cannot be held as one text', async () => {
  const path = file('corpus.txt', 'one\ntwo\n\nthree\n');
  assert.deepEqual(await readDocuments(path, undefined, 8), ['one\ntwo', 'three']);
  await assert.rejects(readDocuments(path, undefined, 7), {
    code: 'DATA_EMPTY',
    message: /blank line between documents/,
  });
});
