import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { SoftpromptError } from '../errors.js';
import type { TaskReading, TaskSources } from './task-data.js';
import { loadTaskData } from './task-data.js';
import type { LearnOptions } from './tune-options.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-data-'));
after(() => rmSync(folder, { recursive: true }));
const file = (name: string, texts: readonly string[]) => {
  const path = join(folder, name);
  writeFileSync(path, texts.map((text, i) => `${JSON.stringify({ text, label: String(i % 2) })}\n`).join(''));
  return path;
};
const texts = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix} ${i}`);
const train = file('train.jsonl', texts('a', 40));
const valid = file('valid.jsonl', texts('b', 10));
const load = (options: Partial<TaskSources & LearnOptions> = {}) =>
  loadTaskData({ train, ...options }, { seed: 0, validShare: 0.1, ...options } as TaskReading, ['text'], ['0', '1']);
const ids = (examples: readonly { readonly id: string }[]) => examples.map(({ id }) => id);

test('without a validation file a share of the training file validates, the same for the same seed', async () => {
  const { train, valid, test, notes } = await load();
  assert.deepEqual([train.length, valid.length, test, notes], [36, 4, undefined, []]);
  assert.equal(new Set(ids([...train, ...valid])).size, 40);
  assert.equal((await load({ validShare: 0.25 })).valid.length, 10);
  assert.deepEqual(ids((await load({ seed: 0 })).valid), ids(valid));
  assert.notDeepEqual(ids((await load({ seed: 1 })).valid), ids(valid));
});

test('given files are taken whole', async () => {
  const data = await load({ valid, test: file('test.jsonl', texts('c', 6)) });
  assert.deepEqual([data.train.length, data.valid.length, data.test!.length], [40, 10, 6]);
});

test('shots are drawn by label; those that validate are others, or the whole file', async () => {
  const { train, valid: drawn } = await load({ shots: 3 });
  for (const split of [train, drawn]) {
    assert.deepEqual(split.map(({ label }) => label).toSorted(), ['0', '0', '0', '1', '1', '1']);
  }
  assert.equal(new Set(ids([...train, ...drawn])).size, 12);
  const given = await load({ shots: 3, valid });
  assert.deepEqual([given.train.length, given.valid.length], [6, 10]);
});

test('a text that stands many times is in one split alone, and no row is lost', async () => {
  const repeated = file('repeated.jsonl', [...texts('r', 20), ...texts('r', 20), ...texts('s', 20)]);
  const { train, valid, notes } = await load({ train: repeated });
  assert.equal(train.length + valid.length, 60);
  const held = new Set(valid.map(({ fields }) => fields.text));
  assert.ok(held.size === 4 && train.every(({ fields }) => !held.has(fields.text)));
  assert.deepEqual(notes, []);
});

test('data without enough different texts are refused with what there is', async () => {
  const same = file('same.jsonl', new Array<string>(20).fill('always this'));
  const refused = (found: RegExp) => ({ code: 'DATA_SPLIT_EMPTY', message: found });
  await assert.rejects(load({ train: same }), refused(/20 examples with 1 distinct text leaves none for the valid/));
  const two = file(
    'two.jsonl',
    Array.from({ length: 20 }, (_, i) => `text ${i % 2}`),
  );
  await assert.rejects(load({ train: two }), refused(/20 examples with 2 distinct texts leave none for the valid/));
  const half = await load({ train: two, validShare: 0.5 });
  assert.deepEqual([half.train.length, half.valid.length], [10, 10]);
  assert.match(half.notes.join(), /no row of train has the label '[01]'.*no row of valid has the label/s);
  const few = { code: 'DATA_SHOTS', message: /label '0' has 0 rows of other texts left to validate/ };
  await assert.rejects(load({ train: same, shots: 2 }), few);
});

test('what makes scores untrue is told', async () => {
  const { notes } = await load({
    valid: file('leak.jsonl', ['a 0', 'a 4', ' ', 'b']),
    test: file('t.jsonl', ['c', 'd']),
  });
  assert.deepEqual(
    notes.map((note) => note.replace(/ \(.*/, '')),
    ['2 of 4 rows of valid are also in train, 1 with another label', '1 of 4 rows of valid have an empty text'],
  );
});

test('no row may be left without a place to validate', async () => {
  await assert.rejects(load({ validShare: 0 }), (error: SoftpromptError) => error.code === 'DATA_SPLIT_EMPTY');
  await assert.rejects(load({ shots: 15 }), (error: SoftpromptError) => error.code === 'DATA_SHOTS');
});

test('fewer than 200 rows validate one another, by parts; from there a tenth of them does', async () => {
  const of = (count: number) =>
    load({ train: file('many.jsonl', texts('m', count)), folds: 'auto', validShare: undefined });
  const few = await of(199);
  assert.equal(new Set(few.folds).size, 5);
  assert.deepEqual([few.train.length, few.valid.length], [199, 199]);
  const many = await of(200);
  assert.equal(many.folds, undefined);
  assert.deepEqual([many.train.length, many.valid.length], [180, 20]);
});
