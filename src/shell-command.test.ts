import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { shellWord, softpromptCommand } from './shell-command.js';

test('a shell reads each word as it was', { skip: process.platform === 'win32' }, () => {
  const words = [
    'shop',
    'my shop',
    '店铺/一',
    "it's",
    '$HOME',
    'a"b',
    'back\\slash',
    '`x`',
    '{"good":" good"}',
    'a*',
    '',
    '!',
  ];
  const { stdout } = spawnSync('sh', ['-c', `printf '%s\\n' ${words.map((word) => shellWord(word)).join(' ')}`], {
    encoding: 'utf8',
  });
  assert.deepEqual(stdout.split('\n').slice(0, -1), words);
});

test('plain words stay plain, also on Windows', () => {
  assert.equal(softpromptCommand('resume', './shop-2'), 'npx softprompt resume ./shop-2');
  assert.equal(shellWord('C:\\shop', 'win32'), 'C:\\shop');
  assert.equal(shellWord('my shop', 'win32'), '"my shop"');
});
