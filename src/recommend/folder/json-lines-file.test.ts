import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readJsonLines, writeJsonLines } from './json-lines-file.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-json-lines-'));
after(() => rmSync(folder, { recursive: true }));

async function all(path: string): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const value of readJsonLines(path)) values.push(value);
  return values;
}

test('values of any length come back, whatever their characters', async () => {
  const path = join(folder, 'values.jsonl');
  const values = [['a\u2028b\r\nc', '"', '茶🍵'], 'x'.repeat(3 * 2 ** 20), [], { k: [1, null] }, '\ufeff', ''];
  await writeJsonLines(path, values);
  assert.deepEqual(await all(path), values);
  truncateSync(path, statSync(path).size - 1);
  await assert.rejects(all(path), /cut off/);
  await writeJsonLines(path, []);
  assert.deepEqual(await all(path), []);
});
