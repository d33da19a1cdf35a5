import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as op from '../autodiff/build.js';
import { closable } from './closable.js';
import { compile } from './program.js';

const scratch = mkdtempSync(join(tmpdir(), 'softprompt-shared-'));
after(() => rmSync(scratch, { recursive: true }));
const file = join(scratch, 'weights.f32');

function writeWeights(...values: number[]): void {
  writeFileSync(`${file}.new`, Float32Array.from(values));
  renameSync(`${file}.new`, file);
}

/** x + w [2] */
function network() {
  const weight = op.weight({ name: 'w', shape: [2], file, offset: 0, byteLength: 8 });
  return { sum: op.add(op.inputsByName()('x', [2]), weight) };
}

const sumOf = async (program: Awaited<ReturnType<typeof compile>>) => [
  ...(await program.run({ x: Float32Array.of(1, 1) })).sum!,
];

test('who shares a session goes on when another releases it, and cannot use it after releasing it', async () => {
  writeWeights(10, 20);
  const [one, two] = await Promise.all([compile(network()), compile(network())]);
  assert.deepEqual(await sumOf(one!), [11, 21]);
  const running = sumOf(one!);
  await one!.release();
  await one!.release();
  assert.deepEqual(await running, [11, 21], 'what runs comes to its end');
  await assert.rejects(sumOf(one!), { code: 'GRAPH_RUN', message: /closed/ });
  assert.deepEqual(await sumOf(two!), [11, 21]);
  const three = await compile(network());
  await two!.release();
  assert.deepEqual(await sumOf(three), [11, 21]);
  await three.release();
});

test('a session is not shared where the weights were replaced', async () => {
  writeWeights(1, 2);
  const old = await compile(network());
  writeWeights(3, 4);
  const renewed = await compile(network());
  assert.deepEqual(await sumOf(old), [2, 3]);
  assert.deepEqual(await sumOf(renewed), [4, 5]);
  await old.release();
  await renewed.release();
});

test('a network whose weights are gone fails for each who asks, and works once they are there', async () => {
  rmSync(file);
  const failing = [compile(network()), compile(network())];
  for (const one of failing) await assert.rejects(one, { code: 'GRAPH_RUN' });
  writeWeights(5, 6);
  const program = await compile(network());
  assert.deepEqual(await sumOf(program), [6, 7]);
  await program.release();
});

test('closing frees once, however often and in whichever way it is asked for', async () => {
  let freed = 0;
  const one = closable(async () => void freed++);
  await Promise.all([one.close(), one.close()]);
  await one[Symbol.asyncDispose]();
  assert.equal(freed, 1);
});
