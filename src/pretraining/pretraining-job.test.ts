import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { startState } from '../training/training-state.js';
import { readSafetensorsHeader } from '../weights/safetensors.js';
import { readTensorFile, writeTensorFile } from '../weights/tensor-file.js';
import { pretrainingJobFolder, readPretraining, writePretraining } from './pretraining-job.js';
import type { PretrainingOptions } from './pretraining-options.js';
import type { PretrainingState } from './train-language-model.js';

const scratch = mkdtempSync(join(tmpdir(), 'softprompt-pretraining-'));
after(() => rmSync(scratch, { recursive: true }));
const fresh = () => mkdtempSync(join(scratch, 'run-'));
const options: PretrainingOptions = { data: ['en=en.txt'], out: 'given' };

test('options come back with the folder as it was named now, endless numbers too', async () => {
  const folder = fresh();
  const given = { ...options, clipNorm: Infinity };
  await pretrainingFolder(folder).start(given);
  assert.deepEqual(await pretrainingFolder(folder).readOptions(), { ...given, out: folder });
});

test('relative paths are seen from where the run goes on', async () => {
  const folder = fresh();
  const absolute = join(scratch, 'model');
  await pretrainingFolder(folder).start({ ...options, init: absolute, tokenizer: 'words.json' });
  const home = process.cwd();
  process.chdir(scratch);
  try {
    const { data, init, tokenizer } = await pretrainingFolder(folder).readOptions();
    assert.match(data[0]!, /^en=/);
    assert.equal(resolve(data[0]!.slice('en='.length)), join(home, 'en.txt'));
    assert.deepEqual([init, resolve(tokenizer!)], [absolute, join(home, 'words.json')]);
  } finally {
    process.chdir(home);
  }
});

/** What a pretraining does with its folder. */
function pretrainingFolder(path: string) {
  const folder = pretrainingJobFolder(path);
  return {
    start: (given: PretrainingOptions) => folder.writeRecord(given),
    readOptions: async () => (await folder.read()).plan,
    readState: () => readPretraining(folder),
    writeState: (kept: PretrainingState, basis: string) => writePretraining(folder, kept, basis),
    isStarted: (given: PretrainingOptions) => folder.checkUnused(given),
    holdsWorth: () => folder.holdsWorth(),
  };
}

const state = (step: number): PretrainingState => ({
  ...startState(structuredClone({ w: Float32Array.of(1, 2) }), {}),
  step,
});

test('the last state comes back, with what it must be continued with; its lines are the history', async () => {
  const folder = fresh();
  const run = pretrainingFolder(folder);
  await run.start(options);
  assert.equal(await run.readState(), undefined);
  const line = { step: 10, tokens: 80, trainLoss: 3.5, validation: [] };
  for (const one of [state(8), { ...state(10), history: [line] }]) await run.writeState(one, 'basis');
  assert.deepEqual(await run.readState(), { state: { ...state(10), history: [line] }, basis: 'basis' });
  assert.equal(readFileSync(join(folder, 'history.jsonl'), 'utf8'), `${JSON.stringify(line)}\n`);
});

test('records that were edited or are of another version are refused, and never thrown away', async () => {
  const folder = fresh();
  const run = pretrainingFolder(folder);
  await run.start(options);
  const path = join(folder, 'training', 'state.safetensors');
  await run.writeState(state(1), 'basis');
  const { metadata } = await readSafetensorsHeader(path);
  const arrays = await readTensorFile(path);
  const texts = Object.fromEntries(metadata);
  const record = JSON.parse(texts.state!);
  const edits: [Record<string, string>, RegExp][] = [
    [{ state: JSON.stringify({ ...record, step: 1.5 }) }, /'step' is wrong/],
    [{ state: JSON.stringify({ ...record, history: [{ step: 1 }] }) }, /'history\.0\.tokens' is wrong/],
    [{ format: 'softprompt training state 1' }, /its format is 'softprompt training state 1'/],
  ];
  for (const [change, message] of edits) {
    await writeTensorFile(path, arrays, { ...texts, ...change });
    await assert.rejects(run.readState(), { code: 'STATE_UNREADABLE', message });
  }
  rmSync(path);
  writeFileSync(join(folder, 'training', 'state.json'), '{"format":"softprompt pretraining 1"}');
  await assert.rejects(run.readState(), { code: 'STATE_UNREADABLE', message: /earlier version/ });
  assert.ok(run.holdsWorth());

  const runFile = join(folder, 'training', 'run.json');
  const whole = JSON.parse(readFileSync(runFile, 'utf8'));
  writeFileSync(runFile, JSON.stringify({ ...whole, options: { ...options, layers: 'seven' } }));
  await assert.rejects(run.readOptions(), { code: 'RUN_NOT_FOUND', message: /'options\.layers' is wrong/ });
  await assert.rejects(run.isStarted(options), { code: 'RUN_UNFINISHED', message: /'options\.layers' is wrong/ });
});
