import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Program } from './program.js';
import { programCache } from './program-cache.js';

test('a program is compiled once; a compilation that failed is tried again and hinders no release', async () => {
  const cache = programCache();
  const released: string[] = [];
  const program = (name: string) => ({ release: async () => void released.push(name) }) as unknown as Program;
  let made = 0;
  const good = async () => program(`good ${++made}`);
  assert.equal(await cache.get('a', good), await cache.get('a', good));
  const bad = () => Promise.reject(new Error('no memory'));
  await assert.rejects(cache.get('b', bad), /no memory/);
  await cache.get('b', good);
  await assert.rejects(cache.get('c', bad), /no memory/);
  const pending = cache.get('d', bad);
  await Promise.all([cache.release(), assert.rejects(pending, /no memory/)]);
  assert.deepEqual(released, ['good 1', 'good 2']);
});
