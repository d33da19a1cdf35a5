import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isRelativePath, parseHubId } from './hub-id.js';

describe('parseHubId', () => {
  it('takes an id, its revision and its file apart', () => {
    const id = (repository: string, revision?: string, file?: string) => ({ repository, revision, file });
    assert.deepEqual(parseHubId('gpt2'), id('gpt2'));
    assert.deepEqual(parseHubId('Qwen/Qwen2.5-0.5B'), id('Qwen/Qwen2.5-0.5B'));
    assert.deepEqual(parseHubId('a/b@refs/pr/1'), id('a/b', 'refs/pr/1'));
    assert.deepEqual(parseHubId('a/b:sub dir/m.Q4_0.gguf'), id('a/b', undefined, 'sub dir/m.Q4_0.gguf'));
    assert.deepEqual(parseHubId('a/b@v1.0:m.gguf'), id('a/b', 'v1.0', 'm.gguf'));
  });

  it('knows what is no id', () => {
    const texts = [
      '',
      '.',
      '..',
      '/a/b',
      './a',
      '../a',
      '~/a',
      'a/b/c',
      'a\\b',
      'C:\\models',
      'a--b/c',
      'a/b.git',
      'a/.b',
    ];
    const mistakes = [
      'a/b@',
      'a/b:',
      'a/b:x.bin',
      'a/b:../x.gguf',
      'a/b@..',
      'a/b@/x',
      'a/b@x y',
      'a b',
      '模型/b',
      'm.gguf',
    ];
    for (const text of [...texts, ...mistakes]) assert.equal(parseHubId(text), undefined, text);
  });
});

describe('isRelativePath', () => {
  it('refuses every way out of a folder', () => {
    for (const path of ['a', 'a/b.gguf', 'ä ö/b', '.a']) assert.ok(isRelativePath(path), path);
    for (const path of ['', '/a', 'a/', 'a//b', '..', 'a/../b', './a', 'a\\b', 'C:a', 'a\0', 'a\nb']) {
      assert.ok(!isRelativePath(path), path);
    }
  });
});
