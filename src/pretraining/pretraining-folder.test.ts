import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { pretrainingFolder } from './pretraining-folder.js';
import type { PretrainingOptions } from './pretraining-options.js';

const scratch = mkdtempSync(join(tmpdir(), 'softprompt-pretraining-'));
after(() => rmSync(scratch, { recursive: true }));
const fresh = () => mkdtempSync(join(scratch, 'run-'));
const options: PretrainingOptions = { data: ['en=en.txt'], out: 'given' };

test('options come back with the folder as it was named now, endless numbers too', async () => {
  const folder = fresh();
  const given = { ...options, clipNorm: Infinity };
  await pretrainingFolder(folder).start(given, '{}');
  assert.deepEqual(await pretrainingFolder(folder).readOptions(), { ...given, out: folder });
});

test('relative paths are seen from where the run goes on', async () => {
  const folder = fresh();
  const absolute = join(scratch, 'model');
  await pretrainingFolder(folder).start({ ...options, init: absolute, tokenizer: 'words.json' }, '{}');
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

test('only the numbers of the last step are kept, whatever a process that was killed left', async () => {
  const folder = fresh();
  const run = pretrainingFolder(folder);
  await run.start(options, '{}');
  const training = join(folder, 'training');
  for (const left of ['step-7.safetensors', '.step-9.safetensors.1.ab.tmp']) writeFileSync(join(training, left), '');
  const numbers = { w: Float32Array.of(1, 2) };
  const state = (step: number) => ({
    ...{ step, epoch: 0, batch: step, lossSum: 1, history: [], best: undefined, buffers: {} },
    ...{ weights: numbers, firstMoments: numbers, secondMoments: numbers },
  });
  for (const step of [8, 10]) {
    await run.writeState(state(step), [], 'basis');
    assert.deepEqual(
      readdirSync(training).filter((name) => name.includes('step-')),
      [`step-${step}.safetensors`],
    );
  }
  assert.equal((await run.readState())?.state.step, 10);
});

test('records that were edited or are of another version are refused, and never thrown away', async () => {
  const folder = fresh();
  const run = pretrainingFolder(folder);
  await run.start(options, '{}');
  const numbers = { w: Float32Array.of(1) };
  const none = { epoch: 0, batch: 1, lossSum: 1, history: [], best: undefined, buffers: {} };
  const state = { ...none, step: 1, weights: numbers, firstMoments: numbers, secondMoments: numbers };
  await run.writeState(state, [], 'basis');
  const edit = (name: string, change: (record: Record<string, unknown>) => unknown) => {
    const path = join(folder, 'training', name);
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, JSON.stringify(change(JSON.parse(whole))));
    return () => writeFileSync(path, whole);
  };
  const states: [object, RegExp][] = [
    [{ step: 1.5 }, /'step' is wrong/],
    [{ file: '../../elsewhere.safetensors' }, /'file' is wrong/],
    [{ lines: [{ step: 1 }] }, /'lines\.0\.tokens' is wrong/],
    [{ format: 'softprompt pretraining 0' }, /its format is 'softprompt pretraining 0'/],
  ];
  for (const [change, message] of states) {
    const restore = edit('state.json', (record) => ({ ...record, ...change }));
    await assert.rejects(run.readState(), { code: 'STATE_UNREADABLE', message });
    restore();
  }
  edit('run.json', (record) => ({ ...record, options: { ...options, layers: 'seven' } }));
  await assert.rejects(run.readOptions(), { code: 'RUN_NOT_FOUND', message: /'options\.layers' is wrong/ });
  assert.ok(await run.holdsRun());
  await assert.rejects(run.isStarted(options), { code: 'RUN_UNFINISHED', message: /'options\.layers' is wrong/ });
});
