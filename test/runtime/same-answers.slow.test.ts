import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { jsonEvents, softprompt } from '../cli/spawn-softprompt.js';
import { writeStyles } from '../tasks/style-task.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-runtimes-'));
after(() => rmSync(folder, { recursive: true }));
const eventsOf = async (runtime: string, ...args: string[]) => {
  const ended = await softprompt([...args, '--runtime', runtime, '--threads', '1', '--json'], { cwd: folder });
  assert.deepEqual([ended.code, ended.stderr], [0, '']);
  return jsonEvents(ended);
};

/** Numbers within 1e-4 of each other, all else the same. */
function assertClose(found: unknown, expected: unknown, path = 'it'): void {
  if (typeof expected === 'number') {
    assert.ok(Math.abs((found as number) - expected) <= 1e-4, `${path} is ${found} instead of ${expected}`);
  } else if (typeof expected === 'object' && expected !== null) {
    assert.deepEqual(Object.keys(found as object), Object.keys(expected), path);
    for (const [key, value] of Object.entries(expected)) {
      assertClose((found as Record<string, unknown>)[key], value, `${path}.${key}`);
    }
  } else assert.equal(found, expected, path);
}

const TEXTS = ['fine', 'lovely day', 'nice', 'quite good', 'awful', 'dull day', 'poor', 'not good'];
before(async () => {
  writeFileSync(
    join(folder, 'texts.csv'),
    `text,label\n${TEXTS.map((t, i) => `${t},${i < 4 ? 'good' : 'bad'}`).join('\n')}\n`,
  );
  await writeStyles(folder);
});

test('a prompt learned and used on either gives the same labels and probabilities', async () => {
  const model = resolve('test/fixtures/peft/model');
  const learned = ['--train', 'texts.csv', '--max-steps', '5', '--batch-size', '3', '--no-baselines'];
  const template = ['--template', '[soft:4]{text}{label}', '--labels', '{"good":" great","bad":" terrible"}'];
  const predictionsOf = async (runtime: string, prompt: string) =>
    (await eventsOf(runtime, 'predict', prompt, '--data', 'texts.csv')).filter(({ event }) => event === 'prediction');
  const predicted: unknown[][] = [];
  for (const runtime of ['native', 'wasm']) {
    await eventsOf(runtime, 'tune', '--model', model, ...learned, ...template, '--out', `prompt-${runtime}`);
    predicted.push(await predictionsOf(runtime, `prompt-${runtime}`));
  }
  assert.equal(predicted[0]!.length, TEXTS.length);
  assertClose(predicted[1], predicted[0]);
  assertClose(await predictionsOf('wasm', 'prompt-native'), predicted[0]);
});

test('a recommender fitted and used on either recommends the same', async () => {
  const network = ['--epochs', '2', '--width', '8', '--max-history', '8', '--batch-size', '16'];
  const files = ['--interactions', 'styles.csv', '--items', 'styles-items.csv'];
  const lists: unknown[] = [];
  for (const runtime of ['native', 'wasm']) {
    await eventsOf(runtime, 'recommend', 'fit', ...files, ...network, '--out', `styles-${runtime}`);
    const told = await eventsOf(runtime, 'recommend', 'for', `styles-${runtime}`, '--history', 'a4,a5', '--k', '3');
    lists.push(told.at(-1)!.list);
  }
  assert.equal((lists[0] as unknown[]).length, 3);
  assertClose(lists[1], lists[0]);
});
