import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import * as op from '../../src/autodiff/build.js';
import { loadRuntime } from '../../src/runtime/load-runtime.js';
import { compile } from '../../src/runtime/program.js';
import type { Runtime } from '../../src/runtime/runtime.js';
import { chooseRuntime, chosenRuntime, RUNTIMES } from '../../src/runtime/runtime-choice.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-runtime-'));
after(() => rmSync(folder, { recursive: true }));

/** A file of the numbers 0, 1, …; weights are parts of it. */
const file = join(folder, 'a file of numbers.bin');
writeFileSync(file, new Uint8Array(Float32Array.from({ length: 1000 }, (_, i) => i).buffer));
const weight = (name: string, from: number, shape: readonly [number, number]) =>
  op.weight({ name, shape, file, offset: 4 * from, byteLength: 4 * shape[0] * shape[1] });

for (const name of RUNTIMES) {
  describe(`the contract of a runtime: ${name}`, () => {
    let runtime: Runtime;
    before(async () => {
      runtime = await loadRuntime(name);
    });

    it('multiplies with weights that lie anywhere in a file, each run of another size', async () => {
      const x = op.input('x', ['N', 2]);
      const results = { a: op.matmul(x, weight('a/1 %', 100, [2, 3])), b: op.matmul(x, weight('c', 10, [2, 2])) };
      const program = await compile(results, { runtime });
      for (const N of [1, 3, 0]) {
        const numbers = Float32Array.from({ length: 2 * N }, (_, i) => i + 1);
        const fed = numbers.slice();
        const { a, b } = await program.run({ x: numbers }, { N });
        assert.deepEqual(numbers, fed, 'what was fed is still there');
        const rows = Array.from({ length: N }, (_, i) => [fed[2 * i]!, fed[2 * i + 1]!] as const);
        assert.deepEqual(
          [...a!],
          rows.flatMap(([u, v]) => [0, 1, 2].map((c) => u * (100 + c) + v * (103 + c))),
        );
        assert.deepEqual(
          [...b!],
          rows.flatMap(([u, v]) => [0, 1].map((c) => u * (10 + c) + v * (12 + c))),
        );
      }
      await program.release();
    });

    it('gives int64 results as such, and takes shared memory and parts of arrays', async () => {
      const [x, index] = [op.input('x', ['N']), op.input('index', ['K'], 'int64')];
      const program = await compile({ y: op.gather(x, index), again: op.gather(index, index) }, { runtime });
      const shared = new Float32Array(new SharedArrayBuffer(12));
      shared.set([5, 6, 7]);
      const part = BigInt64Array.of(9n, 1n, 0n, 9n).subarray(1, 3);
      const found = await program.run<Float32Array | BigInt64Array>({ x: shared, index: part }, { N: 3, K: 2 });
      assert.deepEqual(found, { y: Float32Array.of(6, 5), again: BigInt64Array.of(0n, 1n) });
      await program.release();
    });

    it('keeps programs apart, runs asked for at once too', async () => {
      const programs = await Promise.all(
        [1, 2, 3].map((k) => compile({ y: op.matmul(op.input('x', ['N', 2]), weight('w', k, [2, 1])) }, { runtime })),
      );
      const runs = [0, 1, 2, 2, 1, 0].map((i) => programs[i]!.run({ x: Float32Array.of(1, 1) }, { N: 1 }));
      assert.deepEqual(
        (await Promise.all(runs)).map(({ y }) => y![0]),
        [3, 5, 7, 7, 5, 3],
      );
      await programs[1]!.release();
      assert.deepEqual((await programs[2]!.run({ x: Float32Array.of(1, 0) }, { N: 1 })).y, Float32Array.of(3));
      for (const program of programs) await program.release();
    });

    it('says what fails, on a thread of its own too, and goes on', async () => {
      const y = op.gather(op.input('x', [2]), op.input('index', [1], 'int64'));
      const [good, bad] = [1n, 5n].map((i) => ({ x: Float32Array.of(3, 4), index: BigInt64Array.of(i) }));
      for (const thread of ['caller', 'own'] as const) {
        const program = await compile({ y }, { runtime, thread });
        await assert.rejects(program.run(bad!), { code: 'GRAPH_RUN', message: /indices/ });
        assert.deepEqual((await program.run(good!)).y, Float32Array.of(4));
        await program.release();
      }
      const short = join(folder, `short ${name}.bin`);
      writeFileSync(short, new Uint8Array(12));
      truncateSync(short, 11);
      for (const lacking of [short, join(folder, 'none.bin')]) {
        const w = op.weight({ name: 'w', shape: [2], file: lacking, offset: 4, byteLength: 8 });
        await assert.rejects(compile({ y: op.exp(w) }, { runtime }), { code: 'GRAPH_RUN' });
      }
    });

    it('leaves the event loop free where it has a thread of its own', async () => {
      const a = op.input('a', [400, 400]);
      let y = a;
      for (let i = 0; i < 10; i++) y = op.matmul(y, a);
      const program = await compile({ y }, { runtime, thread: 'own' });
      const run = program.run({ a: new Float32Array(400 * 400) });
      let turns = 0;
      let done = false;
      void run.then(() => {
        done = true;
      });
      while (!done) {
        await new Promise((resolve) => setImmediate(resolve));
        turns++;
      }
      assert.ok(turns > 1, `${turns} turns while it ran`);
      await program.release();
    });
  });
}

it('WebAssembly refuses weights beyond its memory before it reads them', async () => {
  const [rows, width] = [2 ** 20, 1024];
  const w = op.weight({ name: 'w', shape: [rows, width], file, offset: 0, byteLength: 4 * rows * width });
  const refusal = { code: 'RUNTIME_MEMORY', message: /4\.0 GiB of weights.*at most 3\.0 GiB/s };
  await assert.rejects(compile({ y: op.exp(w) }, { runtime: await loadRuntime('wasm') }), refusal);
});

it('the environment chooses, a choice in the program more so; what is no runtime is refused', () => {
  const before = process.env.SOFTPROMPT_RUNTIME;
  try {
    process.env.SOFTPROMPT_RUNTIME = '';
    assert.equal(chosenRuntime(), undefined);
    process.env.SOFTPROMPT_RUNTIME = 'wasm';
    assert.equal(chosenRuntime(), 'wasm');
    chooseRuntime('native');
    assert.equal(chosenRuntime(), 'native');
    chooseRuntime(undefined);
    process.env.SOFTPROMPT_RUNTIME = 'cuda';
    assert.throws(chosenRuntime, { code: 'RUNTIME_INVALID', message: /SOFTPROMPT_RUNTIME=cuda/ });
  } finally {
    if (before === undefined) delete process.env.SOFTPROMPT_RUNTIME;
    else process.env.SOFTPROMPT_RUNTIME = before;
  }
});
