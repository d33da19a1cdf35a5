import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { listedIds, readIds, readOrListedIds } from './read-ids.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-ids-'));
after(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

test('ids of files in another encoding, or of another format than their name says', async () => {
  const gbk = Buffer.concat([Buffer.from([0xb2, 0xe8]), Buffer.from('1\n')]); // 茶1
  await assert.rejects(readIds(file('gbk.txt', gbk), 'item'), { code: 'DATA_ENCODING', message: /--encoding gb18030/ });
  assert.deepEqual(await readOrListedIds(file('gbk.txt', gbk), 'item', { encoding: 'gb18030' }), ['茶1']);
  const table = file('table.txt', 'sku;price\n"7;a";1\n');
  assert.deepEqual(await readIds(table, 'item', { format: 'csv' }), ['7;a']);
});

test('ids of text files and tables', async () => {
  assert.deepEqual(await readIds(file('ids.txt', '\ufeffa b\r\n007\r\n\r\nc,d'), 'item'), ['a b', '007', 'c,d']);
  assert.deepEqual(await readIds(file('stock.csv', 'price,sku\n1,"x,y"\n2,z\n'), 'item'), ['x,y', 'z']);
  assert.deepEqual(await readIds(file('people.csv', 'who\n7\n8\n'), 'user'), ['7', '8']);
  await assert.rejects(readIds(file('other.csv', 'a,b\n1,2\n'), 'user'), { code: 'DATA_COLUMN_MISSING' });
  await assert.rejects(readIds(file('latin.txt', Buffer.from('caf\u00e9\n', 'latin1')), 'item'), {
    code: 'DATA_ENCODING',
  });
  await assert.rejects(readIds(join(folder, 'none.txt'), 'item'), { code: 'DATA_FILE_UNREADABLE' });
});

test('ids that are listed: commas between, quotes around an id with a comma, or JSON as it stands', async () => {
  assert.deepEqual(listedIds('a, b ,,c'), ['a', 'b', 'c']);
  assert.deepEqual(listedIds('"Crosby, Stills",AC/DC,"say ""hi"""'), ['Crosby, Stills', 'AC/DC', 'say "hi"']);
  assert.deepEqual(listedIds('["Crosby, Stills"," x","-7",7,12345678901234567890]'), [
    ...['Crosby, Stills', ' x', '-7', '7', '12345678901234567890'],
  ]);
  assert.deepEqual(listedIds('[unknown],7" mix'), ['[unknown]', '7" mix']);
  assert.deepEqual(await readOrListedIds('["a,b"]', 'item'), ['a,b']);
  assert.throws(() => listedIds('[["a"]]'), { code: 'DATA_LIST_INVALID' });
});
