/** Prompts of one task as the start of another: the matrix, what it says, and how it goes on. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { learnMixture, mixed } from '../../src/tasks/transfer/mixture-weights.js';
import { transferAdvice, transferRows } from '../../src/tasks/transfer/transfer-matrix.js';
import type { TransferOptions } from '../../src/tasks/transfer/transfer-options.js';
import { transferPrompts } from '../../src/tasks/transfer/transfer-prompts.js';
import { TINY_MODEL, wordTask, wordTaskFolder } from './word-task.js';

const folder = wordTaskFolder();
after(() => rmSync(folder, { recursive: true }));

const { train, test: judged } = wordTask(folder, 'unused');
const labels = { '0': 'x', '1': 'o' };
const one = { template: '{text} so{label}', labels, train, test: judged };
const sets = join(folder, 'sets.json');
// the second is the first under another name; the third has its labels the other way round
writeFileSync(
  sets,
  JSON.stringify([
    { ...one, name: 'first' },
    { ...one, name: 'same' },
    { ...one, name: 'turned', labels: { '0': 'o', '1': 'x' } },
  ]),
);

const options = (out: string, more: Partial<TransferOptions> = {}): TransferOptions => ({
  ...{ model: TINY_MODEL, sets, out: join(folder, out), tokens: 6, shots: 4, maxSteps: 4, sourceSteps: 120, seeds: 2 },
  ...more,
});

test('a task starts better from the prompt of the same task than from nothing, and the matrix says so', async () => {
  const asked = options('matrix', { seeds: 1 });
  const result = await transferPrompts(asked);
  // none, two other sets, their average and mixture, for each of three targets
  assert.equal(result.cells.length, 3 * 5);
  const row = (start: string) => result.rows.find((one) => one.target === 'first' && one.start === start)!;
  assert.ok(row('same').gain!.mean > 10, JSON.stringify(row('same')));
  assert.ok(row('same').accuracy > row('turned').accuracy);
  assert.equal(row('none').gain, undefined);
  assert.ok(row('same').cosine !== undefined && row('average').cosine === undefined);
  // the mixture learns from eight examples that the same task's prompt counts, and the other way round does not
  for (const { start, target, weights } of result.cells) {
    assert.equal(weights === undefined, start !== 'mixture');
    if (target === 'first' && weights) assert.ok(weights.same! > 0.6, JSON.stringify(weights));
  }
  // both ways to retrieve a source find it without learning from any other
  for (const found of ['nearest prompt', 'nearest task']) {
    assert.equal(row(found).accuracy, row(row(found).source!).accuracy);
  }
  assert.equal(result.similarities.length, 6);
  const alike = (source: string) => result.taskSimilarities.find((p) => p.target === 'first' && p.source === source)!;
  assert.ok(Math.abs(alike('same').cosine - alike('turned').cosine) < 0.2, 'the same texts, whatever their labels');
  const advice = result.advice.find((line) => line.startsWith('first:'))!;
  assert.match(advice, /most like its own is that of same/);
  const file = JSON.parse(readFileSync(join(asked.out, 'transfer.json'), 'utf8'));
  assert.deepEqual([file.ended, file.rows], [true, JSON.parse(JSON.stringify(result.rows))]);

  const sources = ['first', 'turned'].map((name) => join(asked.out, 'sources', name));
  const given = await transferPrompts(options('given', { sources, seeds: 1 }));
  assert.deepEqual([...new Set(given.cells.map(({ start }) => start))].sort(), [
    'average',
    'first',
    'mixture',
    'none',
    'turned',
  ]);
  await assert.rejects(async () => transferPrompts(options('wrong', { sources, tokens: 5 })), {
    code: 'TUNING_SETTING',
    message: /6 learned tokens.*--tokens 6/s,
  });
});

test('the nearest source alone is tried where that is asked for, and refused where texts cannot be compared', async () => {
  const asked = options('nearest', { seeds: 1, starts: ['none', 'nearest'], sourceSteps: 4, maxSteps: 2 });
  const { cells, taskSimilarities } = await transferPrompts(asked);
  assert.equal(cells.length, 3 * 2);
  for (const { target, start } of cells.filter((cell) => cell.start !== 'none')) {
    const known = taskSimilarities.filter((pair) => pair.target === target);
    assert.equal(start, known.reduce((a, b) => (b.cosine > a.cosine ? b : a)).source);
  }
  const sources = ['first', 'turned'].map((name) => join(asked.out, 'sources', name));
  await assert.rejects(async () => transferPrompts(options('unknown', { sources, starts: ['nearest'] })), {
    code: 'TUNING_SETTING',
    message: /--starts none,sources/,
  });
});

test('an interrupted matrix goes on with the runs that are missing', async () => {
  const small = { seeds: 1, sourceSteps: 4, maxSteps: 2 };
  const stop = new AbortController();
  const first = await transferPrompts(options('stopped', small), {
    signal: stop.signal,
    onEvent: (event) => event.event === 'run ended' && event.start === 'same' && stop.abort(),
  });
  assert.equal(first.ended, 'interrupted');
  const last = await transferPrompts(options('stopped', small));
  const through = await transferPrompts(options('through', small));
  assert.deepEqual(last.cells, through.cells);
  assert.deepEqual(last.similarities, through.similarities);
});

test('a source is taken for what it validates, and a gain that seeds may explain is said to be one', () => {
  const cell = (start: string, seed: number, accuracy: number, validAccuracy: number) => ({
    ...{ target: 't', start, seed, accuracy, validAccuracy },
  });
  const cells = [
    cell('none', 0, 0.5, 0.5),
    cell('none', 1, 0.7, 0.5),
    cell('a', 0, 0.6, 0.8),
    cell('a', 1, 0.9, 0.8),
    cell('b', 0, 0.9, 0.6),
    cell('b', 1, 0.9, 0.6),
  ];
  const rows = transferRows(cells, {
    similarities: [
      { target: 't', source: 'a', cosine: 0.125 },
      { target: 't', source: 'b', cosine: 0.25 },
    ],
    taskSimilarities: [],
  });
  const [advice] = transferAdvice(rows, cells);
  assert.deepEqual(
    rows.filter(({ source }) => source !== undefined).map(({ start, source, accuracy }) => [start, source, accuracy]),
    [['nearest prompt', 'b', 0.9]],
  );
  assert.match(advice!, /start from a.*\+15\.0 points.*seeds may explain.*that of b \(cosine 0\.250\), \+30\.0/);
});

test('weights of a mixture are those with the least loss, by brute force over the simplex', async () => {
  // loss |Σ w·p − goal|², whose gradient is 2·(Σ w·p − goal)
  const prompts = [Float32Array.of(1, 0, 0), Float32Array.of(0, 1, 0), Float32Array.of(0, 0, 3)];
  const goal = [0.6, 0.3, 0.3];
  const lossOf = (values: ArrayLike<number>) => goal.reduce((sum, x, i) => sum + (values[i]! - x) ** 2, 0);
  const network = {
    lossAndGradient: async (values: Float32Array) => ({
      loss: lossOf(values),
      gradient: values.map((x, i) => 2 * (x - goal[i]!)),
    }),
  };
  const found = await learnMixture(network, prompts, []);
  let least = Number.POSITIVE_INFINITY;
  for (let a = 0; a <= 100; a++) {
    for (let b = 0; a + b <= 100; b++) {
      least = Math.min(least, lossOf(mixed(prompts, [a / 100, b / 100, (100 - a - b) / 100])));
    }
  }
  assert.ok(found.loss < least + 5e-3, `${found.loss} ${least}`);
  assert.ok(Math.abs(found.weights.reduce((sum, w) => sum + w, 0) - 1) < 1e-6);
});

test('a set must not be called as a start is', async () => {
  const named = join(folder, 'named.json');
  writeFileSync(named, JSON.stringify([{ ...one, name: 'mixture' }]));
  await assert.rejects(transferPrompts(options('named', { sets: named })), {
    code: 'TUNING_SETTING',
    message: /'mixture'/,
  });
});
