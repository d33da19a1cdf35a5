/** Prompts of one task as the start of another: the matrix, what it says, and how it goes on. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
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
  const asked = options('matrix');
  const result = await transferPrompts(asked);
  // none, two other sets, their average, for each of three targets with two seeds
  assert.equal(result.cells.length, 3 * 2 * 4);
  const row = (start: string) => result.rows.find((one) => one.target === 'first' && one.start === start)!;
  assert.ok(row('same').gain!.mean > 10, JSON.stringify(row('same')));
  assert.ok(row('same').accuracy > row('turned').accuracy);
  assert.equal(row('none').gain, undefined);
  assert.ok(row('same').cosine !== undefined && row('average').cosine === undefined);
  const advice = result.advice.find((line) => line.startsWith('first:'))!;
  assert.match(advice, /start from same/);
  const file = JSON.parse(readFileSync(join(asked.out, 'transfer.json'), 'utf8'));
  assert.deepEqual([file.ended, file.rows], [true, JSON.parse(JSON.stringify(result.rows))]);

  const sources = ['first', 'turned'].map((name) => join(asked.out, 'sources', name));
  const given = await transferPrompts(options('given', { sources, seeds: 1 }));
  assert.deepEqual([...new Set(given.cells.map(({ start }) => start))].sort(), ['average', 'first', 'none', 'turned']);
  await assert.rejects(async () => transferPrompts(options('wrong', { sources, tokens: 5 })), {
    code: 'TUNING_SETTING',
    message: /6 learned tokens.*--tokens 6/s,
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
  const rows = transferRows(cells, [{ target: 't', source: 'b', cosine: 0.25 }]);
  const [advice] = transferAdvice(rows, cells);
  assert.match(advice!, /start from a.*\+15\.0 points.*seeds may explain.*that of b \(cosine 0\.250\), \+30\.0/);
});
