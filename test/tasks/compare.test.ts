/** Methods beside each other: what a comparison measures, says, keeps, and goes on with. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { compareMethods, resumeComparison } from '../../src/tasks/comparison/compare-methods.js';
import type { CompareOptions } from '../../src/tasks/comparison/compare-options.js';
import { openPrompt, predict } from '../../src/tasks/open-prompt.js';
import { TINY_MODEL, wordTask, wordTaskFolder } from './word-task.js';

const folder = wordTaskFolder();
after(() => rmSync(folder, { recursive: true }));

function options(out: string, more: Partial<CompareOptions> = {}): CompareOptions {
  const { train, test, labels } = wordTask(folder, out);
  return {
    ...{ model: TINY_MODEL, template: '{text} so{label}', labels, train, test, tokens: 4 },
    ...{ methods: ['soft', 'lora', 'head'], shots: [12], maxSteps: [8], seeds: 2, out: join(folder, out) },
    ...more,
  };
}

test('every method is run on every budget with every seed, beside a written prompt and a bag of words', async () => {
  const asked = options('whole', { maxSteps: [4, 8], seeds: 2 });
  const result = await compareMethods(asked);
  assert.equal(result.ended, 'finished');
  assert.equal(result.cells.length, 3 * 2 * 2);
  const file = JSON.parse(readFileSync(join(asked.out, 'comparison.json'), 'utf8'));
  assert.deepEqual(file.rows, JSON.parse(JSON.stringify(result.rows)));
  const names = result.rows.filter(({ budget }) => budget.maxSteps === 8).map(({ name }) => name);
  assert.deepEqual(
    [...names].sort(),
    ['bag of words', 'head', 'lora', 'majority class', 'soft', 'written prompt', 'written prompt, calibrated'].sort(),
  );
  for (const { accuracy, costs } of result.rows) {
    assert.ok(accuracy.mean >= 0 && accuracy.mean <= 1 && accuracy.interval![0] <= accuracy.mean);
    if (costs === undefined) continue;
    for (const cost of Object.values(costs)) assert.ok(cost > 0, JSON.stringify(costs));
  }
  const soft = result.cells.find(({ method }) => method === 'soft')!;
  assert.deepEqual([soft.learned, soft.trainExamples, soft.steps], [4 * 32, 24, 4]);
  assert.equal(result.advice.length, 2);
  for (const line of result.advice) assert.match(line, /take (soft|lora|head) .*--seeds 5/);
  const plot = readFileSync(join(asked.out, 'comparison.svg'), 'utf8');
  assert.equal(plot.match(/<circle/g)!.length, result.rows.length);
  assert.match(readFileSync(join(asked.out, 'README.md'), 'utf8'), /## Which to take/);
  assert.ok(!existsSync(join(asked.out, 'training')));

  // what was learned answers by itself
  const prompt = await openPrompt(join(asked.out, 'learned', 'train', '12-examples-a-label-8-steps', 'lora'));
  assert.equal((await predict(prompt, [{ text: 'good' }])).length, 1);
  await prompt.close();
});

test('an interrupted comparison goes on with the runs that are missing, by resume or the same call', async () => {
  const asked = options('stopped');
  const stop = new AbortController();
  const first = await compareMethods(asked, {
    signal: stop.signal,
    onEvent: (event) => {
      if (event.event === 'run ended') stop.abort();
    },
  });
  assert.equal(first.ended, 'interrupted');
  const runs: number[] = [];
  const halt = new AbortController();
  await resumeComparison(asked.out, {
    signal: halt.signal,
    onEvent: (event) => {
      if (event.event === 'run') runs.push(event.number);
      if (event.event === 'run ended') halt.abort();
    },
  });
  const last = await compareMethods(asked, {
    onEvent: (event) => {
      if (event.event === 'run') runs.push(event.number);
    },
  });
  assert.equal(last.ended, 'finished');
  const accuracies = (result: typeof last) =>
    result.cells.map(({ method, seed, accuracy }) => [method, seed, accuracy]);
  assert.deepEqual(accuracies(last), accuracies(await compareMethods(options('through'))));
  assert.ok(!runs.includes(1), `${runs}`);
});

test('several sets stand in a file; what cannot be compared is refused', async () => {
  const { train, test: file, labels } = wordTask(folder, 'unused');
  const sets = join(folder, 'sets.json');
  const one = { template: '{text} so{label}', labels, train, test: file };
  writeFileSync(
    sets,
    JSON.stringify([
      { ...one, name: 'first' },
      { ...one, name: 'second' },
    ]),
  );
  const asked = options('sets', { sets, train: undefined, template: undefined, methods: ['head'], seeds: 1 });
  const { cells } = await compareMethods(asked);
  assert.deepEqual(
    cells.map(({ set }) => set),
    ['first', 'second'],
  );
  const refused = (more: Partial<CompareOptions>, message: RegExp) =>
    assert.rejects(async () => compareMethods(options('refused', more)), { code: 'TUNING_SETTING', message });
  await refused({ train: undefined }, /--sets/);
  await refused({ methods: ['none' as 'soft'] }, /methods/);
});
