import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readTextBlocks } from './text-blocks.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-encoding-'));
after(() => rmSync(folder, { recursive: true }));

async function read(content: Uint8Array, encoding?: string): Promise<string> {
  const path = join(folder, 'a file.csv');
  writeFileSync(path, content);
  let text = '';
  for await (const block of readTextBlocks(path, encoding)) text += block;
  return text;
}

function utf16(text: string, order: 'le' | 'be'): Buffer {
  const bytes = Buffer.from(text, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
}

/** 中文 and 联通, whose bytes are also two Greek letters of UTF-8, as GB18030. */
const CHINESE = Buffer.from([0xd6, 0xd0, 0xce, 0xc4]);
const LIANTONG = Buffer.from([0xc1, 0xaa, 0xcd, 0xa8]);
const line = (...parts: (string | Buffer)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));

test('UTF-16 is told by its bytes, with and without a byte order mark, packed, in long files', async () => {
  const text = `用户,标题\r\n${'一,这部电影很好看 😀\r\n'.repeat(20_000)}`;
  for (const order of ['le', 'be'] as const) {
    assert.equal(await read(utf16(`\ufeff${text}`, order)), text);
    assert.equal(await read(utf16(text, order)), text);
    assert.equal(await read(gzipSync(utf16(text, order))), text);
    assert.equal(await read(utf16('user,title\nu,x\n', order)), 'user,title\nu,x\n');
    assert.equal(await read(utf16('中文一', order), `utf-16${order}`), '中文一');
    assert.equal(await read(utf16(`\ufeff${text}`, order), 'gb18030'), text);
  }
  assert.equal(await read(Buffer.from('中文,a\0b\n')), '中文,a\0b\n', 'a zero character does not make it UTF-16');
  assert.equal(await read(utf16('\ufeffa\ud83d,b\n', 'le')), 'a\ufffd,b\n');
  await assert.rejects(read(utf16('\ufeffab', 'le').subarray(0, 5)), {
    code: 'DATA_ENCODING',
    message: /ends in the middle/,
  });
});

test('a named encoding is read, under the names that people use', async () => {
  assert.equal(await read(line('a,', CHINESE, '\n'), 'GBK'), 'a,中文\n');
  assert.equal(await read(line('a,', CHINESE, '\n'), 'cp936'), 'a,中文\n');
  assert.equal(await read(line(LIANTONG, '\n'), 'gb18030'), '联通\n');
  const western = Buffer.from([0x80, 0x92, 0xe9, 0x0a]); // € ’ é
  for (const name of ['windows-1252', 'latin1', 'Latin-1', 'iso-8859-1', 'cp1252']) {
    assert.equal(await read(western, name), '€’é\n', name);
  }
  await assert.rejects(read(western, 'klingon'), { code: 'DATA_ENCODING_UNKNOWN' });
});

test('a file that is UTF-8 beyond doubt is read as such: the flag is for the other files of a command', async () => {
  const utf8 = Buffer.from(`${'id,t\n'.repeat(30_000)}1,中文é\n`);
  for (const encoding of ['gb18030', 'windows-1252', 'shift_jis', 'utf-16le']) {
    assert.equal(await read(utf8, encoding), utf8.toString(), encoding);
  }
  assert.equal(await read(Buffer.from('\ufeff联通\n'), 'gb18030'), '联通\n');
});

test('what is not UTF-8 is refused with the flag, and with a command that keeps the ending', async () => {
  await assert.rejects(read(line('id\n', CHINESE, '\n')), {
    code: 'DATA_ENCODING',
    message:
      /a file\.csv:2 is not UTF-8 .*--encoding gb18030.*`iconv -f GB18030 -t UTF-8 '[^`]*a file\.csv' > '[^`]*a file\.utf8\.csv'`/,
  });
  await assert.rejects(
    read(line('id\n', CHINESE, '\n'), 'shift_jis').then(() => read(Buffer.from([0xff, 0xff, 0x0a]), 'gb18030')),
    {
      code: 'DATA_ENCODING',
      message: /is not GB18030 text/,
    },
  );
});
