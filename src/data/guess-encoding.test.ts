import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { guessEncoding } from './guess-encoding.js';

const folder = await mkdtemp(join(tmpdir(), 'softprompt-encoding-'));
after(() => rm(folder, { recursive: true, force: true }));
const guess = async (bytes: Uint8Array) => {
  await writeFile(join(folder, 'file'), bytes);
  return guessEncoding(join(folder, 'file'));
};

test('Chinese of Excel is GB18030, Western texts are Windows-1252, what tells itself needs no name', async () => {
  // 用户,商品 and two rows
  const chinese = Buffer.from('d3c3bba72cc9ccc6b70ad5c5c8fd2cb2e8b1ad0a', 'hex');
  assert.equal(await guess(chinese), 'gb18030');
  assert.equal(await guess(gzipSync(chinese)), 'gb18030');
  assert.equal(await guess(Buffer.from('Größe;Käse\nüber;naïve\n', 'latin1')), 'windows-1252');
  assert.equal(await guess(Buffer.from('用户,商品\n')), undefined);
  assert.equal(await guess(Buffer.from('\ufeff用户,商品\n', 'utf16le')), undefined);
  assert.equal(await guess(Buffer.from('user,item\n')), undefined);
});
