import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openPrompt, predict } from '../../src/tasks/open-prompt.js';
import { tunePrompt } from '../../src/tasks/tune-prompt.js';
import { wordTask, wordTaskFolder } from './word-task.js';

const folder = wordTaskFolder();
after(() => rmSync(folder, { recursive: true }));
const out = join(folder, 'prompt');
await tunePrompt({ ...wordTask(folder, 'prompt'), model: 'embedded', out, maxSteps: 1, baselines: false });

/** Megabytes of a process that opens a prompt `count` times, predicts with each, and closes them at the end. */
function memory(count: number): { readonly open: number; readonly heap: number; readonly closed: number } {
  const script = `
    const { openPrompt } = await import(${JSON.stringify(new URL('../../src/index.js', import.meta.url).href)});
    const now = () => { gc(); const { rss, heapUsed } = process.memoryUsage(); return { rss: rss / 1e6, heap: heapUsed / 1e6 }; };
    const prompts = [];
    for (let i = 0; i < ${count}; i++) {
      const prompt = await openPrompt(${JSON.stringify(out)}, { threads: 1 });
      await prompt.predict({ text: 'a film' });
      prompts.push(prompt);
    }
    const { rss: open, heap } = now();
    for (const prompt of prompts) await prompt.close();
    console.log(JSON.stringify({ open, heap, closed: now().rss }));`;
  const child = spawnSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', script], { encoding: 'utf8' });
  assert.equal(child.status, 0, child.stderr);
  return JSON.parse(child.stdout) as ReturnType<typeof memory>;
}

test('thirty prompts on one model take little more memory than one, and closing frees it', () => {
  const [one, thirty] = [memory(1), memory(30)];
  // each kept 22 MB of weights and 2 MB of vocabulary of its own
  assert.ok(thirty.open < one.open + 150, `${one.open} MB with one, ${thirty.open} MB with thirty`);
  assert.ok(thirty.heap < one.heap + 15, `${one.heap} MB of JavaScript with one, ${thirty.heap} MB with thirty`);
  assert.ok(thirty.closed < thirty.open - 10, `${thirty.open} MB open, ${thirty.closed} MB closed`);
});

test('a prompt that was closed refuses to answer; others on its model go on', async () => {
  const [first, second] = [await openPrompt(out), await openPrompt(out)];
  const answer = await predict(first, [{ text: 'a film' }]);
  assert.deepEqual(await predict(second, [{ text: 'a film' }]), answer);
  await first.close();
  await first[Symbol.asyncDispose]();
  await assert.rejects(predict(first, [{ text: 'a film' }]), { code: 'GRAPH_RUN', message: /closed.*Open it again/ });
  assert.deepEqual(await predict(second, [{ text: 'a film' }]), answer);
  await second.close();
});
