/** What each kind of method leaves is served: words that were found, keys and values, changes of layers, a head; several in one batch. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { MethodName } from '../../src/methods/registry.js';
import { type RunningServer, serve } from '../../src/server/serve.js';
import { openPrompt, predict } from '../../src/tasks/open-prompt.js';
import { searchPrompt } from '../../src/tasks/prompt-search/search-prompt.js';
import { tunePrompt } from '../../src/tasks/tune-prompt.js';
import { TINY_MODEL, wordTask, wordTaskFolder } from '../tasks/word-task.js';

const folder = wordTaskFolder();
const shelf = join(folder, 'shelf');
const LEARNED = ['soft', 'prefix', 'lora', 'ia3', 'head'] as const satisfies readonly MethodName[];
let server: RunningServer;

before(async () => {
  mkdirSync(shelf);
  const { train, valid } = wordTask(folder, 'unused');
  const labels = { '0': 'x', '1': 'o' };
  for (const method of LEARNED) {
    const template = method === 'soft' || method === 'prefix' ? '[soft:4]{text} so{label}' : '{text} so{label}';
    await tunePrompt({
      ...{ model: TINY_MODEL, train, valid, labels, template, method, out: join(shelf, method) },
      ...{ maxSteps: 3, baselines: false, head: false, threads: 1 },
    });
  }
  const template = 'is it x{text} so{label}';
  await searchPrompt({
    ...{ model: TINY_MODEL, train, labels, template, shots: 8, maxCalls: 6, threads: 1, out: join(shelf, 'written') },
  });
  server = await serve({ folders: [shelf], port: 0, threads: 1, log: false });
});
after(async () => {
  await server?.close();
  rmSync(folder, { recursive: true });
});

const texts = ['the film was good', 'a sad old day', 'we saw it', 'new and poor'];

test('each answers as it does in this process, all at once', async () => {
  const names = [...LEARNED, 'written'];
  const ask = async (name: string) => {
    const response = await fetch(`${server.url}/v1/prompts/${name}/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ rows: texts.map((text) => ({ text })) }),
    });
    assert.equal(response.status, 200, `${name}: ${await response.clone().text()}`);
    return ((await response.json()) as { predictions: Awaited<ReturnType<typeof predict>> }).predictions;
  };
  const answers = await Promise.all(names.map(ask));
  for (const [i, name] of names.entries()) {
    const prompt = await openPrompt(join(shelf, name), { threads: 1 });
    const fields = texts.map((text) => ({ text }));
    const expected = await predict(prompt, fields);
    await prompt.close();
    assert.equal(prompt.saved.learned.method, name);
    for (const [t, { label, probabilities }] of expected.entries()) {
      assert.equal(answers[i]![t]!.label, label, `${name}, ${texts[t]}`);
      for (const [key, share] of Object.entries(probabilities)) {
        const served = answers[i]![t]!.probabilities[key]!;
        assert.ok(Math.abs(served - share) < 1e-5, `${name}, ${key}: ${served} served, ${share} here`);
      }
    }
  }
});
