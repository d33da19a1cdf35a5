import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import type { SoftpromptError } from '../errors.js';
import type { TuningState } from '../training/tuning-state.js';
import { readSafetensorsHeader } from '../weights/safetensors.js';
import { readTensorFile, writeTensorFile } from '../weights/tensor-file.js';
import { fingerprint, promptJobFolder, seedShard } from './prompt-job.js';
import type { TuneOptions } from './tune-options.js';

const scratch = mkdtempSync(join(tmpdir(), 'softprompt-run-'));
after(() => rmSync(scratch, { recursive: true }));
const fresh = () => mkdtempSync(join(scratch, 'run-'));
const options: TuneOptions = {
  model: 'src',
  template: '[soft:1]{text}{label}',
  labels: { a: 'x', b: 'y' },
  train: 'data/train.jsonl',
  test: '/data/test.jsonl',
  initialisation: 'prompt:other',
  out: 'given',
};
const state = (...steps: number[]): TuningState => ({
  step: steps.at(-1) ?? 0,
  weights: { prompt: Float32Array.of(0.1, -2) },
  buffers: {},
  firstMoments: { prompt: Float32Array.of(1, 2) },
  secondMoments: { prompt: Float32Array.of(3, 4) },
  best: undefined,
  validationsSinceBest: 0,
  lossSum: 0,
  lossCount: 0,
  trainingSeconds: 1,
  examples: 8,
  history: steps.map((step) => ({
    step,
    epoch: 1,
    trainLoss: 1,
    accuracy: 1,
    loss: 1,
    learningRate: 1,
    examplesPerSecond: 1,
    best: true,
  })),
});
/** What a tuning does with its folder. */
function runFolder(path: string) {
  const folder = promptJobFolder(path);
  return {
    writeOptions: (given: TuneOptions) => folder.writeRecord(given),
    readOptions: async () => (await folder.read()).plan,
    writeState: (seed: number, kept: TuningState, basis: string) => seedShard(folder, seed, basis).write(kept),
    readState: (seed: number, basis: string) => seedShard(folder, seed, basis).read(),
    checkUnused: () => folder.checkUnused(),
    clear: () => folder.clear(),
  };
}
const fails = (code: string) => (error: SoftpromptError) => error.code === code;

test('options come back, with the folder as it was named now', async () => {
  const folder = fresh();
  await runFolder(folder).writeOptions(options);
  assert.deepEqual(
    { ...(await runFolder(folder).readOptions()), valid: undefined },
    { ...options, valid: undefined, out: folder },
  );
});

test('endless numbers come back, so that a run goes on as it began', async () => {
  const folder = fresh();
  await runFolder(folder).writeOptions({ ...options, clipNorm: Infinity, patience: Infinity });
  const { clipNorm, patience } = await runFolder(folder).readOptions();
  assert.deepEqual([clipNorm, patience], [Infinity, Infinity]);
});

test('paths are seen from where the run goes on; what is no path stays', async () => {
  const folder = fresh();
  await runFolder(folder).writeOptions(options);
  await runFolder(folder).writeOptions({ ...options, model: 'src', valid: 'v' });
  const home = process.cwd();
  process.chdir(scratch);
  try {
    const read = await runFolder(folder).readOptions();
    const { model, train, valid, test, initialisation } = read;
    for (const [path, original] of [
      [model, 'src'],
      [train, 'data/train.jsonl'],
      [valid, 'v'],
    ]) {
      assert.equal(resolve(path!), join(home, original!));
    }
    assert.equal(test, '/data/test.jsonl');
    assert.equal(resolve(initialisation!.slice('prompt:'.length)), join(home, 'other'));
    await runFolder(folder).writeOptions({ ...options, model: 'some/hub-id' });
    process.chdir(home);
    assert.equal((await runFolder(folder).readOptions()).model, 'some/hub-id');
  } finally {
    process.chdir(home);
  }
});

test('states are kept by seed, and one history tells of all', async () => {
  const folder = fresh();
  const run = runFolder(folder);
  assert.equal(await run.readState(0, 'basis'), undefined);
  await run.writeState(0, state(5), 'basis');
  await run.writeState(0, state(5, 10), 'basis');
  await run.writeState(1, state(5), 'basis');
  await run.writeState(1, state(5, 10), 'basis');
  const lines = readFileSync(join(folder, 'history.jsonl'), 'utf8').trim().split('\n');
  const places = lines.map((line) => JSON.parse(line) as { seed: number; step: number });
  assert.deepEqual(
    places.map(({ seed, step }) => [seed, step]),
    [
      [0, 5],
      [0, 10],
      [1, 5],
      [1, 10],
    ],
  );
  assert.deepEqual({ best: undefined, ...(await run.readState(0, 'basis')) }, state(5, 10));
  await assert.rejects(run.readState(0, 'another basis'), fails('RUN_DATA_CHANGED'));
});

test('a folder with training in it is not taken for a new run, until it is cleared', async () => {
  const folder = fresh();
  const run = runFolder(folder);
  await run.writeOptions(options);
  await run.checkUnused();
  await run.writeState(3, state(5), 'basis');
  await assert.rejects(run.checkUnused(), fails('RUN_UNFINISHED'));
  await run.clear();
  await run.checkUnused();
  await assert.rejects(run.readOptions(), fails('RUN_NOT_FOUND'));
});

test('what cannot be written or read says so', async () => {
  const folder = fresh();
  writeFileSync(join(folder, 'training'), 'a file where the folder should be');
  await assert.rejects(runFolder(folder).writeOptions(options), fails('PROMPT_FOLDER_UNWRITABLE'));
  await assert.rejects(runFolder(folder).writeState(0, state(1), 'basis'), fails('PROMPT_FOLDER_UNWRITABLE'));
  await assert.rejects(runFolder(folder).readOptions(), fails('RUN_NOT_FOUND'));
  const other = fresh();
  mkdirSync(join(other, 'training'));
  for (const content of ['{"format":"softprompt run 9","options":{}}', '{"format":', 'null']) {
    writeFileSync(join(other, 'training', 'run.json'), content);
    await assert.rejects(runFolder(other).readOptions(), fails('RUN_NOT_FOUND'));
  }
});

test('the fingerprint changes with model, training and validation data, and with nothing else', () => {
  const sequence = (...ids: number[]) => ({ context: Int32Array.from(ids), candidates: [Int32Array.of(1)], target: 0 });
  const data = { train: [sequence(1, 2)], valid: [sequence(3)], test: undefined };
  const same = fingerprint('model', data);
  assert.equal(fingerprint('model', { ...data, test: [sequence(9)] }), same);
  const others = [
    fingerprint('other', data),
    fingerprint('model', { ...data, train: [sequence(1), sequence(2)] }),
    fingerprint('model', { ...data, train: [{ ...sequence(1, 2), target: 1 }] }),
    fingerprint('model', { ...data, valid: [sequence(4)] }),
    fingerprint('model', { ...data, train: [sequence(1, 2), sequence(3)], valid: [] }),
  ];
  assert.equal(new Set([same, ...others]).size, 6);
});

test('a run whose options were edited is refused by the name of the option', async () => {
  const folder = fresh();
  await runFolder(folder).writeOptions({ ...options, clipNorm: Infinity });
  const path = join(folder, 'training', 'run.json');
  const run = JSON.parse(readFileSync(path, 'utf8'));
  const edits: [object, RegExp][] = [
    [{ batchSize: '16' }, /'options\.batchSize' is wrong/],
    [{ clipNorm: null }, /'options\.clipNorm' is wrong/],
    [{ labels: ['x', 'y'] }, /'options\.labels' is wrong/],
    [{ decay: 'stepwise' }, /'options\.decay' is wrong/],
    [{ train: undefined }, /'options\.train' is wrong/],
  ];
  for (const [change, message] of edits) {
    writeFileSync(path, JSON.stringify({ ...run, options: { ...run.options, ...change } }));
    await assert.rejects(runFolder(folder).readOptions(), { code: 'RUN_NOT_FOUND', message });
  }
  writeFileSync(path, JSON.stringify({ ...run, format: 'softprompt run 0' }));
  await assert.rejects(runFolder(folder).readOptions(), { message: /its format is 'softprompt run 0'/ });
});

test('a state that was edited is refused; a foreign line of the history does not stop a run', async () => {
  const folder = fresh();
  const run = runFolder(folder);
  writeFileSync(join(folder, 'history.jsonl'), 'not ours\n{"step":1}\n');
  await run.writeState(0, { ...state(5), best: undefined }, 'basis');
  assert.match(readFileSync(join(folder, 'history.jsonl'), 'utf8'), /^\{"seed":0,"step":5[^\n]*\n$/);
  const path = join(folder, 'training', 'seed-0.safetensors');
  const { metadata } = await readSafetensorsHeader(path);
  const arrays = await readTensorFile(path);
  const edited = (key: 'state' | 'context', value: unknown, changed: Partial<typeof arrays> = {}) =>
    writeTensorFile(path, { ...arrays, ...changed } as typeof arrays, {
      ...Object.fromEntries(metadata),
      [key]: JSON.stringify(value),
    });
  const record = JSON.parse(metadata.get('state')!);
  const edits: [object, Partial<typeof arrays>, RegExp][] = [
    [{ step: -1 }, {}, /'step' is wrong/],
    [{ history: [{ step: 5 }] }, {}, /'history\.0/],
    [{}, { 'weights prompt': Float32Array.of(1) }, /do not fit/],
  ];
  for (const [change, changed, message] of edits) {
    await edited('state', { ...record, ...change }, changed);
    await assert.rejects(run.readState(0, 'basis'), { code: 'STATE_UNREADABLE', message });
  }
  await edited('context', null);
  await assert.rejects(run.readState(0, 'basis'), { code: 'RUN_DATA_CHANGED' });
});

test('a state that an earlier version wrote is refused with what to do, and not thrown away', async () => {
  const folder = fresh();
  const run = runFolder(folder);
  await run.writeOptions(options);
  writeFileSync(join(folder, 'training', 'seed-0.json'), '{"format":"softprompt training state 1"}');
  await assert.rejects(run.checkUnused(), fails('RUN_UNFINISHED'));
  await assert.rejects(run.readState(0, 'basis'), {
    code: 'STATE_UNREADABLE',
    message: /earlier version.*--overwrite/s,
  });
  assert.equal(await run.readState(1, 'basis'), undefined);
});
