import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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
