import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { SoftpromptError } from '../../src/errors.js';
import { EMBEDDED_MODEL } from '../../src/hub/embedded-model.js';
import { readPrompt } from '../../src/tasks/prompt-folder/read-prompt.js';
import type { TuneEvent, TuneResult } from '../../src/tasks/tune-events.js';
import type { InitialisationName, TuneOptions } from '../../src/tasks/tune-options.js';
import { tunePrompt } from '../../src/tasks/tune-prompt.js';
import { readTuningState } from '../../src/training/tuning-state.js';
import { wordTask, wordTaskFolder } from './word-task.js';

const folder = wordTaskFolder();
after(() => rmSync(folder, { recursive: true }));
const adapter = (out: string) => readFileSync(join(folder, out, 'adapter_model.safetensors'));
const tuneInto = (out: string, options: Partial<TuneOptions> = {}, onEvent?: (event: TuneEvent) => void) =>
  tunePrompt({ ...wordTask(folder, out), ...options }, { onEvent });
const learns = (result: TuneResult, floor: number) => {
  const { accuracy } = result.test!;
  assert.ok(accuracy > floor, `test accuracy ${accuracy}, expected more than ${floor}`);
};
const distance = (a: Float32Array, b: Float32Array) => Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));

test('a prompt learns a task that the same model cannot do unprompted', async () => {
  const result = await tuneInto('learned', { maxSteps: 300 });
  assert.equal(result.ended, 'finished');
  assert.equal(result.steps, 300);
  learns(result, 0.8);
  const row = (name: string) => result.scores.find((one) => one.name === name)!.scores.accuracy!;
  assert.equal(row('learned prompt'), result.test!.accuracy);
  assert.ok(row('written prompt') < 0.6, `unprompted: ${row('written prompt')}`);
  assert.ok(result.examplesPerSecond > 0 && result.seconds > 0 && result.peakRssMib > 1);

  const saved = await readPrompt(join(folder, 'learned'));
  assert.deepEqual([saved.learned.tokens, saved.learned.arrays], [10, { prompt: [10, 32] }]);
  assert.notDeepEqual(saved.learned.values, saved.initial!);
  assert.equal(saved.metrics[0]!.split, 'test');
  const history = readFileSync(join(folder, 'learned', 'history.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const lines = history.map(
    (line) => JSON.parse(line) as { seed: number; step: number; accuracy: number; best: boolean },
  );
  assert.equal(lines.at(-1)!.step, 300);
  const best = lines.filter((line) => line.best).at(-1)!;
  assert.equal(best.accuracy, result.valid!.accuracy);
  assert.equal(best.step, result.runs[0]!.bestStep);
});

test('the defaults learn, without validation data or settings', async () => {
  const { train, test, model, template, labels, out } = wordTask(folder, 'defaults');
  learns(await tunePrompt({ train, test, model, template, labels, out }), 0.75);
});

test('the loss over the full vocabulary learns too', async () => {
  learns(await tuneInto('vocabulary-loss', { loss: 'vocabulary', maxSteps: 150 }), 0.75);
});

test('labels of several tokens, with words after them, are learned', async () => {
  const labels = { '0': 'sad', '1': 'glad' };
  const result = await tuneInto('words', { labels, template: '[soft:10]{text} so {label} he said', maxSteps: 150 });
  learns(result, 0.7);
});

test('every initialisation starts where it says, and learns', async () => {
  const kinds: InitialisationName[] = [
    'vocabulary',
    'labels',
    'random',
    'words:a film',
    `prompt:${join(folder, 'learned')}`,
  ];
  const starts: Float32Array[] = [];
  for (const initialisation of kinds) {
    const out = `start-${starts.length}`;
    learns(await tuneInto(out, { initialisation, maxSteps: 100, evaluateEvery: 50 }), 0.7);
    const { initial, learned } = await readPrompt(join(folder, out));
    starts.push(initial!);
    assert.ok(distance(learned.values, initial!) > 0);
  }
  for (let i = 0; i < starts.length; i++) for (let k = 0; k < i; k++) assert.notDeepEqual(starts[i], starts[k]);
  assert.deepEqual(starts[4], (await readPrompt(join(folder, 'learned'))).learned.values);
  // labels 'x' and 'o' in turn
  assert.deepEqual(starts[1]!.subarray(0, 32), starts[1]!.subarray(64, 96));
  assert.notDeepEqual(starts[1]!.subarray(0, 32), starts[1]!.subarray(32, 64));
});

test('the same seed gives the same bytes, another seed gives others', async () => {
  for (const [out, seed] of [
    ['same-a', 4],
    ['same-b', 4],
    ['other', 5],
  ] as const)
    await tuneInto(out, { seed, maxSteps: 20 });
  assert.deepEqual(adapter('same-a'), adapter('same-b'));
  assert.notDeepEqual(adapter('same-a'), adapter('other'));
});

test('a batch in pieces gives the same prompt', async () => {
  const options = { maxSteps: 20, evaluateEvery: 20 };
  await tuneInto('whole', options);
  await tuneInto('pieces', { ...options, accumulation: 5 });
  const [whole, pieces] = await Promise.all(['whole', 'pieces'].map((out) => readPrompt(join(folder, out))));
  const apart = distance(whole!.learned.values, pieces!.learned.values);
  assert.ok(apart < 1e-4, `${apart} apart`);
  assert.ok(distance(whole!.learned.values, whole!.initial!) > 0.1);
});

test('several seeds are all reported, and the best by validation is kept', async () => {
  const result = await tuneInto('seeds', { seed: 3, seeds: 2, maxSteps: 60 });
  assert.deepEqual(
    result.runs.map(({ seed }) => seed),
    [3, 4],
  );
  const [a, b] = result.runs.map((run) => run.test!.accuracy) as [number, number];
  assert.ok(Math.abs(result.summary!.mean - (a + b) / 2) < 1e-12);
  assert.ok(Math.abs(result.summary!.standardDeviation! - Math.abs(a - b) / Math.SQRT2) < 1e-12);
  const better = result.runs.reduce((one, other) => (other.valid.accuracy > one.valid.accuracy ? other : one));
  assert.equal(result.valid!.accuracy, better.valid.accuracy);
  await tuneInto('alone', { seed: better.seed, maxSteps: 60 });
  assert.deepEqual(adapter('seeds'), adapter('alone'));
  const history = readFileSync(join(folder, 'seeds', 'history.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const seeds = history.map((line) => (JSON.parse(line) as { seed: number }).seed);
  assert.deepEqual(new Set(seeds), new Set([3, 4]));
  assert.deepEqual(seeds, seeds.toSorted());
});

test('few shots: so many rows a label to train on, as many others to validate', async () => {
  const events: TuneEvent[] = [];
  await tuneInto('shots', { shots: 8, valid: undefined, maxSteps: 10 }, (event) => events.push(event));
  const data = events.find(({ event }) => event === 'data');
  assert.deepEqual(data, { event: 'data', train: 16, valid: 16, test: 100 });
});

test('a template whose fixed words are all learned has no written prompt beside it', async () => {
  const model = EMBEDDED_MODEL; // no begin-of-sequence token stands before the text
  for (const [out, template] of Object.entries({ text: '[soft:2]{text}{label}', space: '[soft:2]{text} {label}' })) {
    const result = await tuneInto(`only-${out}`, { model, template, valid: undefined, shots: 4, maxSteps: 2 });
    assert.equal(result.ended, 'finished');
    const names = result.scores.map(({ name }) => name);
    assert.deepEqual(names.slice(0, 2), ['learned prompt', 'learned prompt, calibrated']);
    assert.ok(!names.some((name) => name.startsWith('written')), names.join());
  }
  const ofWords = { template: '[soft:"a film"] {text}{label}', valid: undefined, shots: 4, maxSteps: 2 };
  const { scores } = await tuneInto('only-words', { ...ofWords, model });
  assert.ok(scores.some(({ name }) => name === 'written prompt'));
});

test('early stopping and calibration are kept with the prompt', async () => {
  const result = await tuneInto('calibrated', {
    calibrate: true,
    patience: 2,
    evaluateEvery: 5,
    maxSteps: 1000,
    decay: 'constant',
  });
  assert.ok(result.steps < 1000);
  assert.equal(result.steps, result.runs[0]!.bestStep + 10);
  assert.notEqual((await readPrompt(join(folder, 'calibrated'))).calibration, undefined);
});

test('a search picks the settings, and the run goes on with them', async () => {
  const events: TuneEvent[] = [];
  const result = await tuneInto('searched', { searchMinutes: 0.03, maxSteps: 30 }, (event) => events.push(event));
  assert.ok(events.filter(({ event }) => event === 'search trial').length > 0);
  assert.equal(result.steps, 30);
});

test('a loss that leaves the finite numbers ends the run, and what was saved stays', async () => {
  const options = { learningRate: 3e38, warmUp: 0.5, maxSteps: 50, evaluateEvery: 1 };
  await assert.rejects(tuneInto('infinite', options), ({ code }: SoftpromptError) => code === 'TUNING_NOT_FINITE');
  const { state } = await readTuningState(join(folder, 'infinite', 'training', 'seed-0.safetensors'));
  assert.ok(state.step >= 1 && state.weights.prompt!.every(Number.isFinite));
  assert.ok(!existsSync(join(folder, 'infinite', 'softprompt.json')));
});
