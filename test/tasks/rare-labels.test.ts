/** A label that is rare, where rows of their own validate: whether weighing all labels alike is tried, kept and gone on with. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { TuneEvent } from '../../src/tasks/tune-events.js';
import type { TuneOptions } from '../../src/tasks/tune-options.js';
import { resumeTuning, tunePrompt } from '../../src/tasks/tune-prompt.js';
import { TINY_MODEL, wordRows, writeRows } from './word-task.js';

const folder = await mkdtemp(join(tmpdir(), 'softprompt-rare-'));
after(() => rm(folder, { recursive: true, force: true }));

/** Rows of which one in `every` has the label 1; and others, no text of which is among them. */
function rareRows(count: number, others: number, every: number) {
  const rows = wordRows(3 * (count + others), 1);
  const of = (label: string) => rows.filter((row) => row.label === label);
  const part = (from: number, many: number) => {
    const rare = Math.round(many / every);
    const first = Math.round(from / every);
    return [...of('0').slice(from - first, from - first + many - rare), ...of('1').slice(first, first + rare)];
  };
  writeRows(join(folder, 'train.jsonl'), part(0, count));
  writeRows(join(folder, 'valid.jsonl'), part(count, others));
}
rareRows(120, 80, 8);
const [train, valid] = [join(folder, 'train.jsonl'), join(folder, 'valid.jsonl')];

const options = (out: string, more: Partial<TuneOptions> = {}): TuneOptions => ({
  ...{
    model: TINY_MODEL,
    template: '[soft:4]{text}{label}',
    labels: { '0': ' bad', '1': ' good' },
    threads: 1,
    seed: 1,
  },
  ...{ train, valid, out: join(folder, out), head: false, baselines: false, keepTraining: true },
  ...{ batchSize: 8, learningRate: 0.01, maxSteps: 18, evaluateEvery: 5 },
  ...more,
});

async function run(given: TuneOptions) {
  const events: TuneEvent[] = [];
  const result = await tunePrompt(given, { onEvent: (event) => events.push(event) });
  const notes = events.flatMap((event) => (event.event === 'note' ? [event.text] : []));
  return { result, events, notes };
}

/** Words with which the random model finds the rare label at once, and with which it hardly gives it. */
const FOUND = { '0': ' bad', '1': ' good' };
const MISSED = { '0': ' good', '1': ' bad' };

test('a rare label that is missed is learned with all labels weighed alike, and kept so where that validates better', async () => {
  const plain = await run(options('missed-none', { labels: MISSED, classWeights: 'none' }));
  const weighed = await run(options('missed-auto', { labels: MISSED }));
  const balanced = await run(options('missed-balanced', { labels: MISSED, classWeights: 'balanced' }));
  assert.ok(weighed.result.valid!.macroF1 > plain.result.valid!.macroF1 + 0.05);
  assert.deepEqual(weighed.result.valid, balanced.result.valid);
  assert.ok(weighed.notes.some((note) => /^a label is rare, and weighing all labels alike did better/.test(note)));
  assert.ok(!plain.notes.some((note) => /rare/.test(note)));
});

test('where that is not ahead after a third of the updates it is given up, and the plain one is kept', async () => {
  const plain = await run(options('found-none', { labels: FOUND, classWeights: 'none' }));
  const auto = await run(options('found-auto', { labels: FOUND }));
  assert.deepEqual(auto.result.valid, plain.result.valid);
  assert.ok(auto.notes.some((note) => /learned once more with all labels weighed alike/.test(note)));
  assert.ok(!auto.notes.some((note) => /did better/.test(note)));
  const steps = auto.events.flatMap((event) => (event.event === 'validation' ? [event.step] : []));
  assert.deepEqual(steps, [5, 10, 15, 18, 5, 10]);
  const weighed = auto.events.filter((event) => event.event === 'validation' && event.weighing === 'balanced');
  assert.equal(weighed.length, 2, 'they are told apart');
});

test('interrupted in either of both, it ends with the same prompt', async () => {
  const whole = await run(options('whole', { labels: MISSED }));
  const adapter = (name: string) => readFile(join(folder, name, 'adapter_model.safetensors'));
  for (const after of [2, 5, 7]) {
    const abort = new AbortController();
    let seen = 0;
    const onEvent = (event: TuneEvent) => {
      if (event.event === 'validation' && ++seen === after) abort.abort();
    };
    const first = await tunePrompt(options(`cut-${after}`, { labels: MISSED }), { onEvent, signal: abort.signal });
    assert.equal(first.ended, 'interrupted');
    const second = await resumeTuning(join(folder, `cut-${after}`));
    assert.deepEqual(second.valid, whole.result.valid);
    assert.deepEqual(await adapter(`cut-${after}`), await adapter('whole'));
  }
});
