import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32c, EventFile } from '../../src/report/event-file.js';
import { tensorboardLog } from '../../src/report/training-log.js';

const scratch = mkdtempSync(join(tmpdir(), 'softprompt-events-'));
const only = (folder: string) => {
  const names = readdirSync(folder);
  assert.equal(names.length, 1, `${names}`);
  return readFileSync(join(folder, names[0]!));
};

test('CRC-32C has the check values of RFC 3720, appendix B.4', () => {
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
});

test("an event file is, byte for byte, that of TensorBoard's own writer (compare/event_files.py)", () => {
  const file = new EventFile(join(scratch, 'same'));
  file.append(0, { 'step/loss': 0.75 }, 1700000000.25);
  file.append(10, { 'validation/loss': 0.5, 'validation/accuracy': 0.75 }, 1700000001.5);
  file.append(300, { '验证/损失': -1.5e-7 }, 1700000002);
  assert.deepEqual(only(join(scratch, 'same')), readFileSync('test/fixtures/event-files/scalars.tfevents'));
});

test('a training is logged in a run a seed or network, and what is no number of it is not', () => {
  const log = tensorboardLog(join(scratch, 'job'));
  log({ event: 'data', train: 7 });
  log({ event: 'step', seed: 3, step: 1, steps: 9, loss: 0.5, examplesPerSecond: 4, secondsLeft: 1 });
  log({ event: 'epoch', network: 'ids and texts', epoch: 2, epochs: 5, trainLoss: 0.25, validation: 0.5, best: true });
  const runs = join(scratch, 'job', 'tensorboard');
  assert.deepEqual(readdirSync(runs).sort(), ['ids-and-texts', 'seed-3']);
  const step = only(join(runs, 'seed-3')).toString('latin1');
  assert.match(step, /step\/loss[\s\S]*step\/examplesPerSecond/);
  assert.doesNotMatch(step, /secondsLeft|step\/step/);
  assert.match(only(join(runs, 'ids-and-texts')).toString('latin1'), /epoch\/trainLoss[\s\S]*epoch\/validation/);
});
