import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastOpened } from './last-opened.js';

test('the same is opened once, another closes it first, and what failed is tried again', async () => {
  const done: string[] = [];
  const opened = lastOpened(async (name: string) => done.push(`close ${name}`));
  const open = (name: string) =>
    opened({ name }, async () => {
      done.push(`open ${name}`);
      if (name === 'broken' && done.length < 5) throw new Error('broken');
      return name;
    });
  assert.equal(await open('a'), 'a');
  assert.equal(await open('a'), 'a');
  await assert.rejects(open('broken'), /broken/);
  await assert.rejects(open('broken'), /broken/);
  assert.equal(await open('broken'), 'broken');
  assert.deepEqual(done, ['open a', 'close a', 'open broken', 'open broken', 'open broken']);
});
