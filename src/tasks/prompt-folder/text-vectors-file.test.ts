import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findTextVectors, keepTextVectors } from './text-vectors-file.js';

const cache = await mkdtemp(join(tmpdir(), 'softprompt-text-vectors-'));
after(() => rm(cache, { recursive: true, force: true }));
const WIDTH = 3;
const vectorOf = (n: number) => Float32Array.of(n, n / 3, -n);

test('what is kept is found by its text and its reader alone; many small files become few, and nothing is lost', async () => {
  const texts = Array.from({ length: 80 }, (_, n) => `text ${n}`);
  for (let n = 0; n < texts.length; n += 2) {
    const two = Float32Array.of(...vectorOf(n), ...vectorOf(n + 1));
    await keepTextVectors(cache, 'reader', WIDTH, texts.slice(n, n + 2), two);
  }
  const files = await readdir(join(cache, 'text-vectors', 'reader'));
  assert.ok(files.length <= 32, `${files.length} files`);
  const found = await findTextVectors(cache, 'reader', WIDTH, [...texts, 'never read']);
  assert.equal(found.size, texts.length);
  for (const [n, text] of texts.entries()) assert.deepEqual(found.get(text), vectorOf(n));
  assert.equal((await findTextVectors(cache, 'another reader', WIDTH, texts)).size, 0);
  assert.equal((await findTextVectors(cache, 'reader', WIDTH + 1, texts)).size, 0, 'of another width');
});
